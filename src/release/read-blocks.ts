import { type FileHandle, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Context } from '../core/context.ts';
import { InputError, InterruptedError } from '../core/errors.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import { allocateShared, type HashThread, openHashThread } from '../tools/files/hash-thread.ts';
import { listData } from '../tools/files/holes.ts';
import { openMemoryPool } from '../tools/files/memory-pool.ts';

/** Size and hash of a file. */
export interface FileSummary {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * SHA-256 of parts of blocks by their content, for the images of one run: further images of a fleet look up what an
 * image before had too. The key is the block's fingerprint and the part's place in it.
 */
export type KnownHashes = Map<string, string>;

/**
 * A consumer of the single read pass over an image. It is called for each block in order, without gaps; each block but
 * the last has `BLOCK_BYTES`. The consumer may read the bytes, not change them, until its promise settles; then they
 * are overwritten. They are in shared memory, which some functions of Node refuse. The pass continues by a few blocks
 * while the promise is pending.
 * @param hash the SHA-256 of a part of the bytes, in lower-case hex: looked up, or computed on another thread; that of
 *   one part is computed once
 * @param id the block's fingerprint, if the pass has known hashes
 */
export type BlockConsumer = (
  positionBytes: number,
  bytes: Buffer,
  hash: (part: Buffer) => Promise<string>,
  id?: string,
) => Promise<void> | void;

/**
 * Reads an image once, block by block, hashes it and passes every block to all consumers. Holes of the file become
 * zeros without a read. Memory holds three blocks more than there are processors.
 * @param known with it, what images before had too is not hashed again
 * @throws InterruptedError; the error of a consumer, after all of them are done
 */
export async function readBlocks(
  context: Context,
  path: string,
  consumers: readonly BlockConsumer[],
  known?: KnownHashes,
): Promise<FileSummary> {
  const isHole = await findHoles(context, path);
  const file = await open(path, 'r');
  const whole = openHashThread();
  const parts = openHashThread();
  const own = Array.from({ length: availableParallelism() + 2 }, () => pool.take());
  const free = [...own];
  const busy = new Set<Promise<void>>();
  let before: Promise<unknown> = Promise.resolve();
  let zeroId: Promise<string> | undefined;
  const identify = (bytes: Buffer, isZero: boolean): Promise<string> => {
    if (!isZero || bytes.length < BLOCK_BYTES) return parts.identify(bytes);
    zeroId ??= parts.identify(bytes);
    return zeroId;
  };
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
        const bytes = (isZero ? ZEROS : memory).subarray(0, length);
        if (!isZero) await readWhole(file, bytes, at);
        const identified = known === undefined ? undefined : identify(bytes, isZero);
        // Blocks go on in their order: hash and consumers get one after the other.
        const begun = Promise.all([identified, before]).then(([id]) => {
          const hash = getHashParts(bytes, parts, id, known);
          return [whole.update(bytes, id), ...consumers.map(async (take) => take(at, bytes, hash, id))];
        });
        before = begun;
        const work = begun
          .then((all) => Promise.all(all))
          .then(() => {
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
    for (const memory of own) pool.give(memory);
  }
}

const pool = openMemoryPool(() => allocateShared(BLOCK_BYTES));
const ZEROS = allocateShared(BLOCK_BYTES);

async function findHoles(context: Context, path: string): Promise<(start: number, end: number) => boolean> {
  const data = await listData(context, path);
  return (start, end) => data?.every((range) => range.end <= start || range.start >= end) ?? false;
}

/** Computes the hash of each part once: compression and block map may need the same. */
function getHashParts(
  bytes: Buffer,
  thread: HashThread,
  id: string | undefined,
  known: KnownHashes = new Map(),
): (part: Buffer) => Promise<string> {
  const asked = new Map<string, Promise<string>>();
  const compute = async (key: string, part: Buffer) => {
    const found = known.get(key) ?? (await thread.hash(part));
    known.set(key, found);
    return found;
  };
  return (part) => {
    const key = `${id} ${part.byteOffset - bytes.byteOffset} ${part.length}`;
    const promise = asked.get(key) ?? compute(key, part);
    asked.set(key, promise);
    return promise;
  };
}

async function readWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new InputError('the image became shorter while it was read');
    done += bytesRead;
  }
}
