import { createHash, webcrypto } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type BlockCache, openBlockCache } from '../block-cache.ts';
import type { Context } from '../context.ts';
import { encodeXzHeader, encodeXzIndex, type XzBlock } from '../formats/xz.ts';
import type { Packing } from '../packing.ts';
import { hashFile } from '../tools/hash.ts';
import { compressBlock, encoderVersion } from '../tools/lzma.ts';
import { compressZstd } from '../tools/zstd.ts';
import { BLOCK_BYTES, type BlockConsumer, type FileSummary, readImage } from './read-image.ts';

/** What the pass over a finished image came to. */
export interface PackedImage {
  readonly image: FileSummary;
  /** Undefined where nothing was to be packed. */
  readonly packed: FileSummary | undefined;
}

/**
 * Reads a finished image once: hashes it, packs it into `destination` and feeds every block to the consumers. The same
 * image gives the same bytes, whatever the cache holds and however many processors there are.
 * @param destination undefined where nothing is to be packed
 * @throws InterruptedError, ToolFailedError
 */
export async function packImage(
  context: Context,
  imagePath: string,
  { format, level }: Packing,
  destination: string | undefined,
  consumers: readonly BlockConsumer[] = [],
): Promise<PackedImage> {
  if (format === 'none' || destination === undefined) {
    return { image: await readImage(context, imagePath, consumers), packed: undefined };
  }
  if (format === 'zstd') {
    // A program of its own, which reads the file beside us: from the page cache.
    const [image, packed] = await Promise.allSettled([
      readImage(context, imagePath, consumers),
      compressZstd(context, imagePath, destination, level),
    ]);
    if (image.status === 'rejected') throw image.reason;
    if (packed.status === 'rejected') throw packed.reason;
    const { size } = await stat(destination);
    return {
      image: image.value,
      packed: { sizeBytes: size, sha256: await hashFile(destination, context.signal) },
    };
  }
  const writer = await openXzWriter(context, destination, level);
  try {
    const image = await readImage(context, imagePath, [...consumers, writer.take]);
    return { image, packed: await writer.finish() };
  } finally {
    await writer.close();
  }
}

/** Writes an .xz of one stream, a Block for each block of the image; those any image had before come from the cache. */
async function openXzWriter(context: Context, destination: string, level: number) {
  const cache = openBlockCache(context, `xz-${encoderVersion()}-${level}`);
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const file = await open(destination, 'w');
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const write = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    sizeBytes += bytes.length;
    await writeWhole(file, bytes);
  };
  await write(encodeXzHeader());
  const records: Pick<XzBlock, 'unpaddedBytes' | 'uncompressedBytes'>[] = [];
  let zeroBlock: Promise<XzBlock> | undefined;
  const provide = (bytes: Buffer): Promise<XzBlock> => {
    if (bytes.length < BLOCK_BYTES || !bytes.equals(zeros)) return provideBlock(cache, bytes, level);
    zeroBlock ??= compressBlock(zeros, level);
    return zeroBlock;
  };
  let written: Promise<void> = Promise.resolve();
  const take: BlockConsumer = async (_position, bytes) => {
    const block = provide(bytes);
    // In order, whichever is compressed first.
    written = Promise.all([block, written]).then(async ([{ bytes: packed, ...record }]) => {
      await write(packed);
      records.push(record);
    });
    await written;
  };
  return {
    take,
    async finish(): Promise<FileSummary> {
      await written;
      await write(encodeXzIndex(records));
      await cache.prune();
      return { sizeBytes, sha256: hash.digest('hex') };
    },
    close: () => file.close(),
  };
}

async function provideBlock(cache: BlockCache, bytes: Buffer, level: number): Promise<XzBlock> {
  // On a thread, unlike createHash: it goes on beside the hash of the whole image.
  const key = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
  const cached = await cache.get(key);
  if (cached !== undefined) return decodeEntry(cached);
  const block = await compressBlock(bytes, level);
  await cache.put(key, encodeEntry(block));
  return block;
}

/** In the cache the block follows its two sizes. */
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

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}
