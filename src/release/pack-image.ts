import { stat, writeFile } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import type { Compression } from '../recipe/compression.ts';
import { hashFile } from '../tools/files/hash.ts';
import { compressZstd } from '../tools/zstd.ts';
import { type BlockConsumer, type FileSummary, readBlocks } from './read-blocks.ts';
import { openXzWriter } from './write-xz.ts';

/** What the pass over a finished image came to. */
export interface PackedImage {
  readonly image: FileSummary;
  /** Undefined where nothing was to be packed. */
  readonly packed: FileSummary | undefined;
}

/**
 * Reads a finished image once: hashes it, packs it into `destination` and feeds every block to the consumers. Whoever
 * may not read the image may not read what is made of it either: `destination` and cached blocks get its mode. The same
 * image gives the same bytes, whatever the cache holds and however many processors there are.
 * @param destination undefined where nothing is to be packed
 * @throws InterruptedError, ToolFailedError
 */
export async function packImage(
  context: Context,
  imagePath: string,
  { format, level }: Compression,
  destination: string | undefined,
  consumers: readonly BlockConsumer[] = [],
): Promise<PackedImage> {
  if (format === 'none' || destination === undefined) {
    return { image: await readBlocks(context, imagePath, consumers), packed: undefined };
  }
  const mode = (await stat(imagePath)).mode & 0o777;
  await writeFile(destination, '', { mode });
  if (format === 'zstd') {
    // A program of its own, which reads the file beside us: from the page cache.
    const [image, packed] = await Promise.allSettled([
      readBlocks(context, imagePath, consumers),
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
  const writer = await openXzWriter(context, destination, level, mode);
  try {
    const image = await readBlocks(context, imagePath, [...consumers, writer.take]);
    return { image, packed: await writer.finish() };
  } finally {
    await writer.close();
  }
}
