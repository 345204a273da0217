import type { Disk, Partition } from '../core/model.ts';
import { type ByteRange, mergeRanges } from '../formats/byte-range.ts';
import { type BlockRange, BMAP_BLOCK_BYTES } from '../formats/release-files/bmap.ts';
import { withImageTree } from '../image/image-tree.ts';

/**
 * Finds the blocks of a disk that must be on the card: those in use by its two file systems, and everything outside
 * them, such as the partition table. The rest is free space. Holes of the file on this machine are not skipped:
 * an area that must be zero can be a hole, and an old card is not zero there.
 * @returns ascending ranges of 4 KiB blocks that do not touch
 * @throws InputError when a volume is damaged
 */
export async function mapDisk(disk: Disk): Promise<BlockRange[]> {
  const { boot, root, sizeBytes } = disk.layout;
  return withImageTree(disk, async ({ ext4, fat }) => {
    const { superblock, listUsed } = ext4;
    const rootBytes = superblock.blocksCount * superblock.blockSizeBytes;
    const fatEnd = fat.geometry.dataOffsetBytes + fat.geometry.clustersCount * fat.geometry.clusterBytes;
    return toBlocks([
      ...place(boot, fat.listUsed(), fatEnd),
      ...place(root, await listUsed(), rootBytes),
      { start: 0, end: boot.offsetBytes },
      { start: boot.offsetBytes + boot.sizeBytes, end: root.offsetBytes },
      { start: root.offsetBytes + root.sizeBytes, end: sizeBytes },
    ]);
  });
}

/** Moves a volume's ranges to their place on the disk; the end of the partition after the file system counts as used. */
function place(partition: Partition, used: readonly ByteRange[], volumeBytes: number): ByteRange[] {
  const end = partition.offsetBytes + partition.sizeBytes;
  return [...used, { start: volumeBytes, end: partition.sizeBytes }].map((range) => ({
    start: partition.offsetBytes + range.start,
    end: Math.min(partition.offsetBytes + range.end, end),
  }));
}

/** A partly used block counts as used. */
function toBlocks(ranges: readonly ByteRange[]): BlockRange[] {
  const whole = ranges
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => ({
      start: Math.floor(start / BMAP_BLOCK_BYTES),
      end: Math.ceil(end / BMAP_BLOCK_BYTES),
    }));
  return mergeRanges(whole).map(({ start, end }) => ({ first: start, last: end - 1 }));
}
