import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../../core/errors.ts';

/** The result of `writeSparse`. */
export interface SparseResult {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** ext4, xfs and btrfs allocate in blocks of 4 KiB; a smaller hole saves nothing. */
const BLOCK_BYTES = 4096;
const CHUNK_BYTES = 1 << 20;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/**
 * Writes a stream to a new file, with holes for zeros, and hashes it. Only one chunk is in memory.
 * @throws InputError as soon as the stream is longer than `maxBytes`.
 */
export async function writeSparse(
  source: AsyncIterable<Uint8Array>,
  path: string,
  options: { maxBytes: number; mode?: number; onProgress?: (doneBytes: number) => void },
): Promise<SparseResult> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = await open(path, 'w', options.mode);
  let filled = 0;
  let sizeBytes = 0;
  try {
    for await (const piece of source) {
      if (sizeBytes + filled + piece.length > options.maxBytes) {
        throw new InputError(`the image is larger than ${options.maxBytes} bytes when decompressed`);
      }
      for (let taken = 0; taken < piece.length; ) {
        const part = piece.subarray(taken, taken + CHUNK_BYTES - filled);
        chunk.set(part, filled);
        filled += part.length;
        taken += part.length;
        if (filled < CHUNK_BYTES) continue;
        hash.update(chunk);
        await writeNonZero(file, chunk, sizeBytes);
        sizeBytes += filled;
        filled = 0;
        options.onProgress?.(sizeBytes);
      }
    }
    const rest = chunk.subarray(0, filled);
    hash.update(rest);
    await writeNonZero(file, rest, sizeBytes);
    sizeBytes += filled;
    await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Writes the runs of blocks that are not all zero. */
async function writeNonZero(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  if (isZero(chunk)) return;
  for (let start = 0; start < chunk.length; ) {
    let end = start;
    while (end < chunk.length && !isZero(chunk.subarray(end, end + BLOCK_BYTES))) end += BLOCK_BYTES;
    end = Math.min(end, chunk.length);
    if (end > start) await writeAll(file, chunk.subarray(start, end), position + start);
    start = end === start ? start + BLOCK_BYTES : end;
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length));
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
