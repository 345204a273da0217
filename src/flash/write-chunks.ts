import { createHash } from 'node:crypto';
import { InputError, InterruptedError } from '../core/errors.ts';
import { formatBytes } from '../formats/units.ts';
import { allocateAligned, type Target, writeAt } from '../tools/disk/block-device.ts';
import { endedAt, toDeviceError } from './device-error.ts';
import type { Chunk } from './fill-chunks.ts';

/** A written chunk, with its hash for the comparison. */
export interface WrittenChunk {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The chunk at the start of the image, which is written last. */
export interface HeldChunk extends WrittenChunk {
  readonly bytes: Buffer;
}

/** The chunks that were written, and the one that was kept back. */
export interface Written {
  /** The end of the last chunk. */
  readonly imageBytes: number;
  /** Bytes of the image, including the first chunk. */
  readonly writtenBytes: number;
  readonly chunks: readonly WrittenChunk[];
  readonly first: HeldChunk;
}

/**
 * Writes chunks, each while the next one is prepared, and syncs. First it wipes the start of the device, and it keeps
 * the first megabytes back: a card without a partition table neither boots nor mounts, so nobody takes an incomplete
 * card for a good one.
 * @param onWritten called with the number of the image's bytes on the device
 * @throws DeviceError; InputError when the image is larger than the device, or empty or not a disk image (of these two
 *   nothing is written); whatever `chunks` throws
 */
export async function writeChunks(
  target: Target,
  chunks: AsyncIterable<Chunk>,
  options: { signal: AbortSignal; onWritten?: (bytes: number) => void; onFirstWrite?: () => void },
): Promise<Written> {
  const written: WrittenChunk[] = [];
  let first: HeldChunk | undefined;
  let doneBytes = 0;
  let writtenBytes = 0;
  let endBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      await writing;
      if (options.signal.aborted) throw new InterruptedError('interrupted');
      const { offsetBytes, bytes, imageBytes } = chunk;
      if (first === undefined && offsetBytes > 0) throw noStart();
      if (offsetBytes + imageBytes > target.sizeBytes) throw tooLarge(target);
      writtenBytes += imageBytes;
      endBytes = offsetBytes + imageBytes;
      const record = { offsetBytes, sizeBytes: bytes.length, sha256: getHash(bytes) };
      if (offsetBytes === 0) {
        requireDisk(bytes);
        const copy = allocateAligned(bytes.length);
        bytes.copy(copy);
        first = { ...record, bytes: copy };
        options.onFirstWrite?.();
        writing = writeChunk(target, allocateAligned(bytes.length), 0);
      } else {
        written.push(record);
        writing = writeChunk(target, bytes, offsetBytes).then(() => {
          doneBytes += imageBytes;
          options.onWritten?.(doneBytes);
        });
      }
      // Awaited one chunk later; until then a rejection must not count as unhandled.
      writing.catch(() => undefined);
    }
  } finally {
    // The kernel uses the buffer until the call returns. If the write fails, its error is the one to report.
    await writing;
  }
  if (first === undefined) throw isEmpty();
  await sync(target);
  return { imageBytes: endBytes, writtenBytes, chunks: written, first };
}

/** Writes all of a chunk. @throws DeviceError */
export async function writeChunk(target: Target, bytes: Buffer, offsetBytes: number): Promise<void> {
  const done = await writeAt(target, bytes, offsetBytes).catch((error: unknown) => {
    throw toDeviceError(error, target, 'write to', offsetBytes);
  });
  if (done < bytes.length) throw endedAt(target, offsetBytes + done);
}

/** Also flushes the card's write cache; the error of a cached write shows here. */
export async function sync(target: Target): Promise<void> {
  await target.file.datasync().catch((error: unknown) => {
    throw toDeviceError(error, target, 'write to', 0);
  });
}

function getHash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function tooLarge({ path, sizeBytes }: Target): InputError {
  return new InputError(`the image is larger than ${path}, which holds ${formatBytes(sizeBytes)}`, {
    hint: 'use a larger card',
  });
}

/** A file of an .img.xz, .img.gz, .img.zst or .zip that is sound, and holds nothing; or a block map of nothing. */
function isEmpty(): InputError {
  return new InputError('the image is empty: it unpacks to 0 bytes, or its block map names none', {
    hint: 'fetch or build the image again; nothing was written',
  });
}

function noStart(): InputError {
  return new InputError('the block map leaves out the first sector, so that nothing would boot', {
    hint: 'fetch or build the .bmap again, or write the whole image with --no-bmap; nothing was written',
  });
}

/** A master boot record, or a volume's boot sector: both end in 0x55AA. */
function requireDisk(head: Buffer): void {
  if (head.length < 512 || head.readUInt16BE(510) !== 0x55aa) {
    throw new InputError('the image is not a disk image: its first sector is not a boot sector');
  }
}
