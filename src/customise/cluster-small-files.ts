import { type ByteRange, invertRanges } from '../formats/byte-range.ts';
import { CARD_TEXT_BYTES } from '../formats/card-settings/card-text.ts';
import type { BlockRun, Ext4Operation } from '../formats/ext4/debugfs-script.ts';
import type { Ext4Superblock } from '../formats/ext4/ext4-superblock.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import { sizeOf } from './plan-writes.ts';

/** The root's operations in two parts; `large` is written first. */
export interface SplitWrites {
  readonly large: readonly Ext4Operation[];
  /** Symlinks and files of at most `SMALL_FILE_BYTES`. Images of a fleet differ only in these. */
  readonly small: readonly Ext4Operation[];
}

/** That of the largest file in which carriers differ: the copy of wwanpi.txt that the Pi compares with. */
export const SMALL_FILE_BYTES = CARD_TEXT_BYTES;

/** Splits the operations. Both parts keep their order; operations that small files need (folders, unlinks) come first. */
export function splitWrites(operations: readonly Ext4Operation[]): SplitWrites {
  const isSmall = (operation: Ext4Operation) =>
    operation.kind === 'symlink' ||
    (operation.kind === 'write' && sizeOf(operation.content) <= SMALL_FILE_BYTES);
  return {
    large: operations.filter((operation) => !isSmall(operation)),
    small: operations.filter(isSmall),
  };
}

/**
 * Finds the free blocks to reserve while small files are written, so that these files are all together, alone in one
 * block of the compressed image. debugfs takes the first free blocks, which on a stock image are between other files'
 * data. Each further image of a fleet would then compress that data again, for a second or more, to change twenty small
 * files.
 * @param used the used ranges of the volume in bytes, ascending (`listExt4Used`)
 * @param volumeOffsetBytes position of the volume in the image, which is compressed from its first byte
 * @param neededBlocks the most that will be written
 * @returns empty if no whole block of the compressed image is free; debugfs then chooses the place
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

/** The first block of the compressed image that is entirely free, as a range of bytes of the volume. */
function findPlace(free: readonly ByteRange[], volumeOffsetBytes: number): ByteRange | undefined {
  for (const { start, end } of free) {
    const first = Math.ceil((volumeOffsetBytes + start) / BLOCK_BYTES) * BLOCK_BYTES - volumeOffsetBytes;
    if (first + BLOCK_BYTES <= end) return { start: first, end: first + BLOCK_BYTES };
  }
  return undefined;
}
