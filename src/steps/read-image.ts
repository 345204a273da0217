import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { InputError, InterruptedError } from '../errors.ts';

/** Size and hash of a file that was written or read through. */
export interface FileSummary {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * What hangs on the one pass over an image: called for each block in order, without gaps, each of `BLOCK_BYTES` but the
 * last. The bytes are the consumer's to read until its promise settles, and are overwritten then; they must not be
 * changed. While one is not settled others are read, up to `BLOCKS_IN_MEMORY`.
 */
export type BlockConsumer = (positionBytes: number, bytes: Buffer) => Promise<void> | void;

/** What is read, hashed and compressed at once. */
export const BLOCK_BYTES = 8 * 1024 * 1024;
const BLOCKS_IN_MEMORY = 4;

/**
 * Reads an image once, block by block, hashes it and gives every block to all consumers.
 * @throws InterruptedError; whatever a consumer rejects with, after all of them are done
 */
export async function readImage(
  context: Context,
  path: string,
  consumers: readonly BlockConsumer[],
): Promise<FileSummary> {
  const file = await open(path, 'r');
  const hash = createHash('sha256');
  const buffers = Array.from({ length: BLOCKS_IN_MEMORY }, () => Buffer.allocUnsafe(BLOCK_BYTES));
  const busy: Promise<unknown>[] = [];
  try {
    const { size } = await file.stat();
    const progress = context.report.progress('Read', size);
    try {
      for (let at = 0; at < size; at += BLOCK_BYTES) {
        if (context.signal.aborted) throw new InterruptedError('interrupted');
        const slot = (at / BLOCK_BYTES) % BLOCKS_IN_MEMORY;
        await busy[slot];
        const bytes = (buffers[slot] as Buffer).subarray(0, Math.min(BLOCK_BYTES, size - at));
        await readWhole(file, bytes, at);
        busy[slot] = Promise.all([...consumers.map((consume) => consume(at, bytes)), hash.update(bytes)]);
        // Awaited above or below; until then it must not count as unhandled.
        busy[slot]?.catch(() => undefined);
        progress.update(at + bytes.length);
      }
      await Promise.all(busy);
    } finally {
      progress.done();
      await Promise.allSettled(busy);
    }
    return { sizeBytes: size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new InputError('the image became shorter while it was read');
    done += bytesRead;
  }
}
