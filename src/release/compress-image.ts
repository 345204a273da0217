import { stat, writeFile } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import type { ByteRange } from '../formats/byte-range.ts';
import type { Compression } from '../recipe/compression.ts';
import { hashFile } from '../tools/files/hash.ts';
import { compressZstd } from '../tools/zstd.ts';
import { type BlockConsumer, type FileSummary, type KnownHashes, readBlocks } from './read-blocks.ts';
import { openXzWriter } from './write-xz.ts';

/** Size and hash of a finished image and of its compressed file. */
export interface CompressedImage {
  readonly image: FileSummary;
  /** Undefined without compression. */
  readonly compressed: FileSummary | undefined;
}

/**
 * Reads a finished image once: hashes it, compresses it into `destination` and passes every block to the consumers.
 * The same image gives the same bytes, whatever the state of the cache and the number of processors. `destination` and
 * the cached blocks get the image's mode: users who cannot read it cannot read them.
 * @param destination undefined without compression
 * @param stored a part of the image that an .xz holds as it is, in a Block of its own (`findCardRange`)
 * @param known hashes of images before
 * @throws InterruptedError, ToolFailedError
 */
export async function compressImage(
  context: Context,
  imagePath: string,
  { format, level }: Compression,
  destination: string | undefined,
  consumers: readonly BlockConsumer[] = [],
  stored?: ByteRange,
  known?: KnownHashes,
): Promise<CompressedImage> {
  if (format === 'none' || destination === undefined) {
    return { image: await readBlocks(context, imagePath, consumers, known), compressed: undefined };
  }
  const mode = (await stat(imagePath)).mode & 0o777;
  await writeFile(destination, '', { mode });
  if (format === 'zstd') {
    // zstd is a separate process, which reads the file from the page cache.
    const [image, compressed] = await Promise.allSettled([
      readBlocks(context, imagePath, consumers, known),
      compressZstd(context, imagePath, destination, level),
    ]);
    if (image.status === 'rejected') throw image.reason;
    if (compressed.status === 'rejected') throw compressed.reason;
    const { size } = await stat(destination);
    return {
      image: image.value,
      compressed: { sizeBytes: size, sha256: await hashFile(destination, context.signal) },
    };
  }
  const writer = await openXzWriter(context, destination, level, mode, stored);
  try {
    const image = await readBlocks(context, imagePath, [...consumers, writer.take], known);
    return { image, compressed: await writer.finish() };
  } finally {
    await writer.close();
  }
}
