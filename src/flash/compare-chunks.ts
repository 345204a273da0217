import { createHash } from 'node:crypto';
import { InterruptedError, VerificationError } from '../core/errors.ts';
import { formatBytes } from '../formats/units.ts';
import { allocateAligned, readAt, type Target } from '../tools/disk/block-device.ts';
import { endedAt, toDeviceError } from './device-error.ts';
import { CHUNK_BYTES } from './fill-chunks.ts';
import type { WrittenChunk } from './write-chunks.ts';

/**
 * Reads back the written chunks and compares them. Reads bypass the page cache if the target is a device. One chunk
 * is read while the previous one is hashed.
 * @param onRead called with the number of bytes compared so far
 * @throws VerificationError naming the first place that differs, DeviceError when the device cannot be read
 */
export async function compareChunks(
  target: Target,
  chunks: readonly WrittenChunk[],
  options: { signal: AbortSignal; onRead?: (bytes: number) => void },
): Promise<void> {
  const buffers = [allocateAligned(CHUNK_BYTES), allocateAligned(CHUNK_BYTES)] as const;
  let doneBytes = 0;
  let reading = readChunk(target, chunks[0], buffers[0]);
  for (const [index, chunk] of chunks.entries()) {
    const bytes = await reading;
    if (options.signal.aborted) throw new InterruptedError('interrupted');
    reading = readChunk(target, chunks[index + 1], index % 2 === 0 ? buffers[1] : buffers[0]);
    // Awaited in the next round; until then a rejection must not count as unhandled.
    reading.catch(() => undefined);
    if (createHash('sha256').update(bytes).digest('hex') !== chunk.sha256) {
      await reading.catch(() => undefined);
      throw differsAt(target, chunk);
    }
    doneBytes += chunk.sizeBytes;
    options.onRead?.(doneBytes);
  }
}

async function readChunk(target: Target, chunk: WrittenChunk | undefined, buffer: Buffer): Promise<Buffer> {
  if (chunk === undefined) return buffer.subarray(0, 0);
  const { offsetBytes, sizeBytes } = chunk;
  const bytes = buffer.subarray(0, sizeBytes);
  const done = await readAt(target, bytes, offsetBytes).catch((error: unknown) => {
    throw toDeviceError(error, target, 'read back', offsetBytes);
  });
  if (done < sizeBytes) throw endedAt(target, offsetBytes + done);
  return bytes;
}

function differsAt({ path }: Target, { offsetBytes, sizeBytes }: WrittenChunk): VerificationError {
  return new VerificationError(
    `${path} returned other data than was written, in the ${formatBytes(sizeBytes)} from ${formatBytes(offsetBytes)} on (byte ${offsetBytes})`,
    { hint: 'the card is worn out, or is smaller than it claims: use another one' },
  );
}
