import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Context } from '../core/context.ts';
import { InputError, InterruptedError } from '../core/errors.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import { allocateShared, type HashThread, openHashThread } from '../tools/files/hash-thread.ts';
import { listData } from '../tools/files/holes.ts';

/** Size and hash of a file that was written or read through. */
export interface FileSummary {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * What hangs on the one pass over an image: called for each block in order, without gaps, each of `BLOCK_BYTES` but the
 * last. The bytes are the consumer's to read, not to change, until its promise settles; then others take their place.
 * They lie in memory that threads share, which not all of Node takes. While it is not settled the pass goes on, by some
 * blocks.
 * @param hash SHA-256 of a part of the bytes, in lower-case hex, on another thread; that of all of them is made once
 */
export type BlockConsumer = (
  positionBytes: number,
  bytes: Buffer,
  hash: (part: Buffer) => Promise<string>,
) => Promise<void> | void;

/**
 * Reads an image once, block by block, hashes it and gives every block to all consumers. Where the file has a hole, it
 * is zeros without being read. In memory are as many blocks as there are processors, and three.
 * @throws InterruptedError; whatever a consumer rejects with, when all of them are done
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
        // Whichever is done first: a block that takes long does not hold up those behind it.
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
        // One that fails stays in the set, and is awaited above or below; until then it is not unhandled.
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

/** The packer and the block map both ask for the hash of a whole block. */
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
