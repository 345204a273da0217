import { type ByteRange, invertRanges } from '../formats/byte-range.ts';
import type { BlockRun, Ext4Operation } from '../formats/ext4/debugfs-script.ts';
import type { Ext4Superblock } from '../formats/ext4/ext4-superblock.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';

/** The root's operations in two parts, the first to be written first. */
export interface GatheredWrites {
  readonly large: readonly Ext4Operation[];
  /** Files of one block, and symlinks: what differs between two images of a fleet is here, but for sizes. */
  readonly small: readonly Ext4Operation[];
}

/** Parts the operations so that each keeps their order; what the small ones need (folders, free names) comes first. */
export function splitWrites(operations: readonly Ext4Operation[], blockBytes: number): GatheredWrites {
  const isSmall = (operation: Ext4Operation) =>
    operation.kind === 'symlink' || (operation.kind === 'write' && operation.content.length <= blockBytes);
  return {
    large: operations.filter((operation) => !isSmall(operation)),
    small: operations.filter(isSmall),
  };
}

/**
 * The free blocks to hold back while small files are written, so that these all lie together, alone in one block of the
 * packed image. debugfs gives a file the first free blocks it finds, and on a stock image they lie between other files'
 * data: each further image of a fleet would compress that data again, a second and more, to change twenty small files.
 * @param used what of the volume is in use, in bytes, ascending (`listExt4Used`)
 * @param volumeOffsetBytes where the volume lies in the image, which is packed from its own start
 * @param neededBlocks the most that will be written
 * @returns none where no whole block of the packed image is free: then the files lie where debugfs puts them
 */
export function findReservedRanges(
  used: readonly ByteRange[],
  { blocksCount, blockSizeBytes }: Pick<Ext4Superblock, 'blocksCount' | 'blockSizeBytes'>,
  volumeOffsetBytes: number,
  neededBlocks: number,
): readonly BlockRun[] {
  const free = invertRanges(used, blocksCount * blockSizeBytes);
  const place = findPlace(free, volumeOffsetBytes);
  if (place === undefined || neededBlocks * blockSizeBytes > BLOCK_BYTES) return [];
  return free
    .flatMap(({ start, end }) => [
      { start, end: Math.min(end, Math.max(start, place.start)) },
      { start: Math.max(start, Math.min(end, place.end)), end },
    ])
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => ({ first: start / blockSizeBytes, count: (end - start) / blockSizeBytes }));
}

/** The first block of the packed image that lies in free space alone, as bytes of the volume. */
function findPlace(free: readonly ByteRange[], volumeOffsetBytes: number): ByteRange | undefined {
  for (const { start, end } of free) {
    const first = Math.ceil((volumeOffsetBytes + start) / BLOCK_BYTES) * BLOCK_BYTES - volumeOffsetBytes;
    if (first + BLOCK_BYTES <= end) return { start: first, end: first + BLOCK_BYTES };
  }
  return undefined;
}
