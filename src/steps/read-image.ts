import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Context } from '../context.ts';
import { InputError, InterruptedError } from '../errors.ts';
import { allocateShared, openHashThread } from '../tools/hash-thread.ts';

/** Size and hash of a file that was written or read through. */
export interface FileSummary {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * What hangs on the one pass over an image: called for each block in order, without gaps, each of `BLOCK_BYTES` but the
 * last. The bytes are the consumer's to read, not to change, until its promise settles; then others take their place.
 * They lie in memory that threads share. While it is not settled the pass goes on, by some blocks.
 */
export type BlockConsumer = (positionBytes: number, bytes: Buffer, hash: HashBlock) => Promise<void> | void;

/**
 * SHA-256, in lower-case hex, of the block at hand or of a part of it, on a thread. The whole is hashed once, whoever
 * asks.
 */
export type HashBlock = (part?: Buffer) => Promise<string>;

/**
 * What is read, hashed and compressed at once. Larger blocks make the .xz smaller, and each place that differs between
 * two images dearer: see test/bench/README.md.
 */
export const BLOCK_BYTES = 8 * 1024 * 1024;

/**
 * Reads an image once, block by block, hashes it and gives every block to all consumers. In memory are as many blocks
 * as there are processors, and two.
 * @throws InterruptedError; whatever a consumer rejects with, when all of them are done
 */
export async function readImage(
  context: Context,
  path: string,
  consumers: readonly BlockConsumer[],
): Promise<FileSummary> {
  const file = await open(path, 'r');
  const hash = openHashThread();
  const blockHash = openHashThread();
  const memory = Array.from({ length: availableParallelism() + 2 }, () => allocateShared(BLOCK_BYTES));
  const busy: Promise<unknown>[] = [];
  try {
    const { size } = await file.stat();
    const progress = context.report.progress('Read', size);
    try {
      for (let at = 0; at < size; at += BLOCK_BYTES) {
        if (context.signal.aborted) throw new InterruptedError('interrupted');
        const slot = (at / BLOCK_BYTES) % memory.length;
        await busy[slot];
        const bytes = (memory[slot] as Buffer).subarray(0, Math.min(BLOCK_BYTES, size - at));
        await readWhole(file, bytes, at);
        let whole: Promise<string> | undefined;
        const hashBlock: HashBlock = (part = bytes) => {
          if (part.length < bytes.length) return blockHash.hash(part);
          whole ??= blockHash.hash(bytes);
          return whole;
        };
        busy[slot] = Promise.all([
          hash.update(bytes),
          ...consumers.map(async (take) => take(at, bytes, hashBlock)),
        ]);
        // It is awaited above or below; until then it is not unhandled.
        busy[slot]?.catch(() => undefined);
        progress.update(at + bytes.length);
      }
      await Promise.all(busy);
    } finally {
      progress.done();
      await Promise.allSettled(busy);
    }
    return { sizeBytes: size, sha256: await hash.digest() };
  } finally {
    await Promise.all([hash.close(), blockHash.close()]);
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
