import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError } from '../core/errors.ts';
import type { ByteRange } from '../formats/byte-range.ts';
import { encodeXzHeader, encodeXzIndex, type XzBlock } from '../formats/release-files/xz.ts';
import { encodeStoredBlock } from '../formats/release-files/xz-stored.ts';
import { type BlockCache, openBlockCache } from '../host/block-cache.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
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
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const file = await open(destination, 'w');
  const hash = createHash('sha256');
  const records: Pick<XzBlock, 'unpaddedBytes' | 'uncompressedBytes'>[] = [];
  let sizeBytes = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    sizeBytes += bytes.length;
    await writeFully(file, bytes);
  };
  let zeroBlock: Promise<XzBlock> | undefined;
  const provide = (bytes: Buffer, hash: (part: Buffer) => Promise<string>): Promise<XzBlock> => {
    const make = async () => provideBlock(context, cache, await hash(bytes), bytes, level);
    if (bytes.length < BLOCK_BYTES || !bytes.equals(zeros)) return make();
    zeroBlock ??= make();
    return zeroBlock;
  };
  const collect = collectRange(stored);
  /** One promise for the header and one for each Block, each settled after all before it. */
  const written = [write(encodeXzHeader())];
  const add = async (block: Promise<XzBlock>): Promise<void> => {
    // Written in the image's order, whichever block is ready first.
    const own = Promise.all([block, written.at(-1)]).then(async ([{ bytes: packed, ...record }]) => {
      await write(packed);
      records.push(record);
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
      await cache.prune();
      return { sizeBytes, sha256: hash.digest('hex') };
    },
    close: () => file.close(),
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

async function provideBlock(
  context: Context,
  cache: BlockCache,
  key: string,
  bytes: Buffer,
  level: number,
): Promise<XzBlock> {
  const entry = await cache.provide(key, async () => {
    if (context.signal.aborted) throw new InterruptedError('interrupted');
    return encodeEntry(await compressBlock(bytes, level));
  });
  return decodeEntry(entry);
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
