import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Context } from '../core/context.ts';
import { InputError, InterruptedError } from '../core/errors.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import { allocateShared, type HashThread, openHashThread } from '../tools/files/hash-thread.ts';
import { listData } from '../tools/files/holes.ts';

/** Size and hash of a file. */
export interface FileSummary {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * A consumer of the single read pass over an image. It is called for each block in order, without gaps; each block but
 * the last has `BLOCK_BYTES`. The consumer may read the bytes, not change them, until its promise settles; then they
 * are overwritten. They are in shared memory, which some functions of Node refuse. The pass continues by a few blocks
 * while the promise is pending.
 * @param hash computes the SHA-256 of a part of the bytes, in lower-case hex, on another thread; that of the whole
 *   block is computed once
 */
export type BlockConsumer = (
  positionBytes: number,
  bytes: Buffer,
  hash: (part: Buffer) => Promise<string>,
) => Promise<void> | void;

/**
 * Reads an image once, block by block, hashes it and passes every block to all consumers. Holes of the file become
 * zeros without a read. Memory holds three blocks more than there are processors.
 * @throws InterruptedError; the error of a consumer, after all of them are done
 */
export async function readBlocks(
  context: Context,
  path: string,
  consumers: readonly BlockConsumer[],
): Promise<FileSummary> {
  const isHole = await findHoles(context, path);
  const file = await open(path, 'r');
  const whole = openHashThread();
  const parts = openHashThread();
  const free = Array.from({ length: availableParallelism() + 2 }, () => allocateShared(BLOCK_BYTES));
  const zeros = allocateShared(BLOCK_BYTES);
  const busy = new Set<Promise<void>>();
  try {
    const { size } = await file.stat();
    const progress = context.report.progress('Read', size);
    try {
      for (let at = 0; at < size; at += BLOCK_BYTES) {
        if (context.signal.aborted) throw new InterruptedError('interrupted');
        // Wait for any block, so that a slow one does not delay the others.
        while (free.length === 0) await Promise.race(busy);
        const memory = free.pop() as Buffer;
        const length = Math.min(BLOCK_BYTES, size - at);
        const isZero = isHole(at, at + length);
        const bytes = (isZero ? zeros : memory).subarray(0, length);
        if (!isZero) await readWhole(file, bytes, at);
        const hash = getHashParts(bytes, parts);
        const work = Promise.all([
          whole.update(bytes),
          ...consumers.map(async (take) => take(at, bytes, hash)),
        ]).then(() => {
          free.push(memory);
          busy.delete(work);
        });
        // A failed one stays in the set and is awaited above or below; until then it must not count as unhandled.
        work.catch(() => undefined);
        busy.add(work);
        progress.update(at + bytes.length);
      }
      await Promise.all(busy);
    } finally {
      progress.done();
      await Promise.allSettled(busy);
    }
    return { sizeBytes: size, sha256: await whole.digest() };
  } finally {
    await whole.close();
    await parts.close();
    await file.close();
  }
}

async function findHoles(context: Context, path: string): Promise<(start: number, end: number) => boolean> {
  const data = await listData(context, path);
  return (start, end) => data?.every((range) => range.end <= start || range.start >= end) ?? false;
}

/** Caches the hash of a whole block, which compression and block map both need. */
function getHashParts(bytes: Buffer, thread: HashThread): (part: Buffer) => Promise<string> {
  let all: Promise<string> | undefined;
  return (part) => {
    if (part.length < bytes.length) return thread.hash(part);
    all ??= thread.hash(part);
    return all;
  };
}

async function readWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new InputError('the image became shorter while it was read');
    done += bytesRead;
  }
}
