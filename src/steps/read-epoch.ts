import type { Disk } from '../model.ts';
import { withImageTree } from './image-tree.ts';

/**
 * The time every file of ours gets where SOURCE_DATE_EPOCH does not say: when the base's root was last
 * written. It comes from the base alone, so the same base gives the same bytes.
 * @returns seconds since 1970
 */
export async function readEpoch(disk: Disk): Promise<number> {
  return withImageTree(disk, async ({ ext4 }) => ext4.superblock.lastWriteSeconds);
}
