import type { Disk } from '../core/model.ts';
import { withImageTree } from './image-tree.ts';

/**
 * The default modification time of everything written: when the base's root file system was last written.
 * It is the same for everybody with the same base, and later than every file in it.
 * @returns seconds since 1970
 */
export async function readEpoch(disk: Disk): Promise<number> {
  return withImageTree(disk, async (tree) => tree.ext4.superblock.lastWriteSeconds);
}
