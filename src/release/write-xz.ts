import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError } from '../core/errors.ts';
import type { ByteRange } from '../formats/byte-range.ts';
import { encodeXzHeader, encodeXzIndex, type XzBlock } from '../formats/release-files/xz.ts';
import { encodeStoredBlock } from '../formats/release-files/xz-stored.ts';
import { type BlockCache, openBlockCache } from '../host/block-cache.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { openMemoryPool } from '../tools/files/memory-pool.ts';
import { compressBlock, encoderVersion } from '../tools/lzma.ts';
import type { BlockConsumer, FileSummary } from './read-blocks.ts';

/** Writes an .xz from the blocks of an image; a consumer of the read pass. */
export interface XzWriter {
  readonly take: BlockConsumer;
  /** Ends the file after the last block. */
  finish(): Promise<FileSummary>;
  /** Closes the file; call it also after an error. */
  close(): Promise<void>;
}

/** What is written before the disk is told to write it. */
const SYNC_BYTES = 32 * 1024 ** 2;
/** Compressed blocks that wait in memory for an earlier one. */
const BLOCKS_AHEAD = 16;

/**
 * Opens an .xz with one stream and a Block for each block of the image. Blocks that an earlier image had at this level
 * come from the cache, so a further image of a fleet costs only its differences.
 * @param mode of new blocks in the cache
 * @param stored a part of the image, at most 64 KiB, that gets a Block of its own and is not compressed; the block
 *   around it becomes two
 */
export async function openXzWriter(
  context: Context,
  destination: string,
  level: number,
  mode: number,
  stored?: ByteRange,
): Promise<XzWriter> {
  const cache = openBlockCache(context, `xz-${encoderVersion()}-${level}`, { mode });
  const file = await open(destination, 'w');
  const hash = createHash('sha256');
  const records: Pick<XzBlock, 'unpaddedBytes' | 'uncompressedBytes'>[] = [];
  let sizeBytes = 0;
  let dirtyBytes = 0;
  let synced: Promise<unknown> = Promise.resolve();
  const write = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    sizeBytes += bytes.length;
    dirtyBytes += bytes.length;
    await writeFully(file, bytes);
    if (dirtyBytes < SYNC_BYTES) return;
    // The disk works while the image is read, not after it.
    dirtyBytes = 0;
    synced = synced.then(() => file.datasync());
    synced.catch(() => undefined);
  };
  let zeroBlock: Promise<HeldBlock> | undefined;
  const provide = async (bytes: Buffer, hash: (part: Buffer) => Promise<string>): Promise<HeldBlock> => {
    const key = await hash(bytes);
    if (key !== hashZeros()) return provideBlock(context, cache, key, bytes, level);
    zeroBlock ??= provideBlock(context, cache, key, bytes, level);
    return zeroBlock;
  };
  const collect = collectRange(stored);
  /** One promise for the header and one for each Block, each settled after all before it. */
  const written = [write(encodeXzHeader())];
  const add = async (block: Promise<HeldBlock>): Promise<void> => {
    // Written in the image's order, whichever block is ready first.
    const own = Promise.all([block, written.at(-1)]).then(async ([{ bytes: packed, memory, ...record }]) => {
      await write(packed);
      records.push(record);
      if (memory !== undefined) pool.give(memory);
    });
    // Awaited by a later block or at the end; until then it must not count as unhandled.
    own.catch(() => undefined);
    written.push(own);
    await block;
  };
  return {
    async take(position, bytes, hash) {
      const { before, whole, after } = collect(position, bytes);
      // All are added before the first wait, so that the next call's come after them.
      await Promise.all([
        ...(before.length === 0 ? [] : [add(provide(before, hash))]),
        ...(whole === undefined ? [] : [add(storeBlock(whole))]),
        ...(after.length === 0 ? [] : [add(provide(after, hash))]),
      ]);
      await written.at(-1 - BLOCKS_AHEAD);
    },
    async finish() {
      await written.at(-1);
      await write(encodeXzIndex(records));
      await synced;
      await cache.prune();
      return { sizeBytes, sha256: hash.digest('hex') };
    },
    async close() {
      await synced.catch(() => undefined);
      await file.close();
    },
  };
}

/**
 * Cuts a range out of the blocks of an image, which come one by one; it may begin in one and end in the next.
 * @returns a function from a block to its parts before and after the range, and the whole range where it ends
 */
function collectRange(
  range: ByteRange = { start: 0, end: 0 },
): (position: number, bytes: Buffer) => { before: Buffer; whole: Buffer | undefined; after: Buffer } {
  let held = Buffer.alloc(0);
  return (position, bytes) => {
    const start = Math.min(Math.max(0, range.start - position), bytes.length);
    const end = Math.min(Math.max(0, range.end - position), bytes.length);
    // Copied: the block's memory is used again.
    held = Buffer.concat([held, bytes.subarray(start, end)]);
    const endsHere = end > start && position + end === range.end;
    return {
      before: bytes.subarray(0, start),
      whole: endsHere ? held : undefined,
      after: bytes.subarray(end),
    };
  };
}

async function storeBlock(content: Buffer): Promise<XzBlock> {
  const { bytes, ...sizes } = encodeStoredBlock(content);
  return { bytes: Buffer.from(bytes), ...sizes };
}

/** A Block, and the memory of the pool that it lies in, which is given back when it is written. */
interface HeldBlock extends XzBlock {
  readonly memory?: Buffer;
}

/** For an entry of the cache; few are larger than what they were made from. */
const pool = openMemoryPool(() => Buffer.allocUnsafeSlow(BLOCK_BYTES + BLOCK_BYTES / 64));
/** A smaller Block is copied out of the pool; the one of zeros is written many times. */
const SMALL_BYTES = 64 * 1024;

async function provideBlock(
  context: Context,
  cache: BlockCache,
  key: string,
  bytes: Buffer,
  level: number,
): Promise<HeldBlock> {
  const memory = pool.take();
  const found = await cache.read(key, memory);
  if (found !== undefined && found.length > SMALL_BYTES) return { ...decodeEntry(found), memory };
  const copy = found === undefined ? undefined : Buffer.from(found);
  pool.give(memory);
  if (copy !== undefined) return decodeEntry(copy);
  const entry = await cache.provide(key, async () => {
    if (context.signal.aborted) throw new InterruptedError('interrupted');
    return encodeEntry(await compressBlock(bytes, level));
  });
  return decodeEntry(entry);
}

let zerosHash: string | undefined;

/** The hash of a whole block of zeros: free space has many, one after the other. */
function hashZeros(): string {
  zerosHash ??= sha256Text(Buffer.alloc(BLOCK_BYTES));
  return zerosHash;
}

/** A cache entry: the two sizes, then the Block. */
function encodeEntry({ bytes, unpaddedBytes, uncompressedBytes }: XzBlock): Buffer {
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(unpaddedBytes, 0);
  sizes.writeUInt32LE(uncompressedBytes, 4);
  return Buffer.concat([sizes, bytes]);
}

function decodeEntry(entry: Buffer): XzBlock {
  return {
    bytes: entry.subarray(8),
    unpaddedBytes: entry.readUInt32LE(0),
    uncompressedBytes: entry.readUInt32LE(4),
  };
}

async function writeFully(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}
