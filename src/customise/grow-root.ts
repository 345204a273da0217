import { open } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { BugError, InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import type { Ext4Superblock } from '../formats/ext4/ext4-superblock.ts';
import { formatMbr, SECTOR_BYTES } from '../formats/mbr.ts';
import { formatBytes } from '../formats/units.ts';
import { withImageTree } from '../image/image-tree.ts';
import { growExt4 } from '../tools/disk/ext4.ts';
import type { SpaceNeeds } from './plan-writes.ts';

/** Raspberry Pi images are made in steps of this size. */
const STEP_BYTES = 4 * 1024 * 1024;
/** resize2fs drops a last block group that has less than this besides its tables (50, resize2fs.c). */
const GROUP_SLACK_BLOCKS = 64;
/** The MBR counts sectors in 32 bits. */
const MAX_SECTORS = 2 ** 32 - 1;
const MAX_ROUNDS = 5;

/**
 * Grows the root file system if its free space is too small: file, partition entry and file system by the same
 * number of bytes, rounded up to 4 MiB.
 * Blocks reserved for root count as used, because a Pi with no other free blocks is of no use.
 * @returns the disk with its new layout, or the same one
 * @throws InputError when it cannot grow
 */
export async function growRoot(
  context: Context,
  disk: Disk,
  needs: SpaceNeeds,
  epochSeconds: number,
): Promise<Disk> {
  let grown = disk;
  // A new block group uses some of its blocks for tables, so check again.
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const superblock = await withImageTree(grown, async (tree) => tree.ext4.superblock);
    const missing = missingBlocks(superblock, needs);
    if (missing === 0) return grown;
    if (superblock.blocksPerCluster > 1) throw cannotGrow();
    grown = await growBy(context, grown, superblock, missing, epochSeconds);
  }
  throw new BugError('the root file system has no room even after growing it');
}

/** Afterwards resize2fs counts the free clusters of a group as if they were blocks (1.47.0), and e2fsck finds that. */
function cannotGrow(): InputError {
  return new InputError(
    'the root file system has too little room, and uses bigalloc, which resize2fs cannot grow',
    {
      hint: 'start from a base with more free space, or without bigalloc, as in Raspberry Pi OS',
    },
  );
}

/** How many blocks to add so that blocks and inodes suffice; 0 if they already do. */
export function missingBlocks(superblock: Ext4Superblock, needs: SpaceNeeds): number {
  // Less than 0 if root has used some of its reserve; growth has to refill the reserve, too.
  const available = superblock.freeBlocksCount - superblock.reservedBlocksCount;
  const blocks = Math.max(0, needs.rootBlocks - available);
  const inodes = Math.max(0, needs.rootInodes - superblock.freeInodesCount);
  const groups = Math.ceil(inodes / superblock.inodesPerGroup);
  if (blocks === 0 && groups === 0) return 0;
  const { blocksCount, firstDataBlock, blocksPerGroup, reservedBlocksCount } = superblock;
  // resize2fs reserves the same share of the new blocks.
  const usablePart = 1 - Math.min(0.5, reservedBlocksCount / blocksCount);
  const wanted = Math.max(Math.ceil(blocks / usablePart), groups * blocksPerGroup);
  const countGroups = (count: number) => Math.ceil((count - firstDataBlock) / blocksPerGroup);
  const tableBlocks = Math.ceil(
    (superblock.inodesPerGroup * superblock.inodeSizeBytes) / superblock.blockSizeBytes,
  );
  const newGroups = countGroups(blocksCount + wanted) - countGroups(blocksCount);
  return wanted + (newGroups + 1) * (tableBlocks + GROUP_SLACK_BLOCKS);
}

async function growBy(
  context: Context,
  disk: Disk,
  superblock: Ext4Superblock,
  blocks: number,
  epochSeconds: number,
): Promise<Disk> {
  const { layout } = disk;
  const addedBytes = Math.ceil((blocks * superblock.blockSizeBytes) / STEP_BYTES) * STEP_BYTES;
  const root = { ...layout.root, sizeBytes: layout.root.sizeBytes + addedBytes };
  const end = root.offsetBytes + root.sizeBytes;
  if (end / SECTOR_BYTES > MAX_SECTORS) {
    throw new InputError('the changes do not fit: a partition table of this kind ends at 2 TiB');
  }
  const grown: Disk = {
    path: disk.path,
    layout: { ...layout, sizeBytes: Math.max(layout.sizeBytes, end), root },
  };
  const handle = await open(disk.path, 'r+');
  try {
    const sector = new Uint8Array(SECTOR_BYTES);
    await handle.read(sector, 0, SECTOR_BYTES, 0);
    await handle.truncate(grown.layout.sizeBytes);
    await handle.write(formatMbr(grown.layout, sector), 0, SECTOR_BYTES, 0);
  } finally {
    await handle.close();
  }
  await growExt4(context, grown, Math.floor(root.sizeBytes / superblock.blockSizeBytes), epochSeconds);
  context.report.info(`root file system grown by ${formatBytes(addedBytes)}`);
  return grown;
}
