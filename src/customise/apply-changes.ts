import { chmod } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk, FileChange } from '../core/model.ts';
import { formatDebugfsScript, reserveBlocks } from '../formats/ext4/debugfs-script.ts';
import type { Ext4Superblock } from '../formats/ext4/ext4-superblock.ts';
import { checkFatPath } from '../formats/fat/fat-path.ts';
import { formatBytes } from '../formats/units.ts';
import { withImageTree } from '../image/image-tree.ts';
import { writeExt4 } from '../tools/disk/ext4.ts';
import { writeFat } from '../tools/disk/fat.ts';
import { findReservedRanges, splitWrites } from './cluster-small-files.ts';
import { growRoot } from './grow-root.ts';
import { type PlacedChange, placeChanges } from './place-changes.ts';
import { measureWrites, planWrites, type SpaceNeeds, type Writes } from './plan-writes.ts';

/**
 * Writes the changes into the disk's file in place; the caller keeps the base. Paths under /boot go to the FAT
 * volume, the others to ext4, and every time stamp becomes `epochSeconds`. Everything that can be refused is
 * refused before the first byte; after a ToolFailedError the disk is half written.
 * If a change is secret, only the owner can read the file from then on (mode 0600).
 * @param roomBytes what must be free on the root besides, once the changes are in
 * The same disk, changes and time give the same bytes. The disk must be clean (`assertCleanBase`).
 * @returns the disk, with a new layout if it had to grow
 * @throws InputError when the base is in the way or (on /boot) too full
 */
export async function applyChanges(
  context: Context,
  disk: Disk,
  changes: readonly FileChange[],
  epochSeconds: number,
  roomBytes = 0,
): Promise<Disk> {
  const done = context.report.step('Write');
  const plan = await withImageTree(
    disk,
    async (tree) => {
      const placed = await placeChanges(tree, changes);
      const writes = await planWrites(placed);
      const { superblock } = tree.ext4;
      const needs = measureBlocks(writes, superblock, tree.fat.geometry.clusterBytes);
      for (const { path } of writes.boot) checkFatPath(path);
      assertBootRoom(needs.bootBytes, tree.fat.freeBytes + replacedBootBytes(placed));
      const { large, small } = splitWrites(writes.root);
      const smallBlocks = measureBlocks({ root: small, boot: [] }, superblock, 1).rootBlocks;
      const hasCreationTime = superblock.inodeSizeBytes > 128;
      const largeScript = formatDebugfsScript(large, epochSeconds, hasCreationTime);
      const smallScript = formatDebugfsScript(small, epochSeconds, hasCreationTime);
      const { blockSizeBytes } = superblock;
      return { needs, blockSizeBytes, largeScript, smallScript, smallBlocks, boot: writes.boot };
    },
    context.signal,
  );
  if (changes.some((change) => change.secret === true)) await chmod(disk.path, 0o600);
  const grown = await growRoot(
    context,
    disk,
    addRoom(plan.needs, plan.blockSizeBytes, roomBytes),
    epochSeconds,
  );
  await writeExt4(context, grown, plan.largeScript, epochSeconds);
  const held = await withImageTree(grown, async ({ ext4 }) =>
    findReservedRanges(
      await ext4.listUsed(),
      ext4.superblock,
      grown.layout.root.offsetBytes,
      plan.smallBlocks,
    ),
  );
  await writeExt4(context, grown, reserveBlocks(plan.smallScript, held), epochSeconds);
  await writeFat(context, grown, plan.boot, epochSeconds);
  done();
  return grown;
}

function addRoom(needs: SpaceNeeds, blockSizeBytes: number, roomBytes: number): SpaceNeeds {
  return { ...needs, rootBlocks: needs.rootBlocks + Math.ceil(roomBytes / blockSizeBytes) };
}

/** With bigalloc a file of one block takes a cluster of 16 or more. */
function measureBlocks(
  writes: Writes,
  { blockSizeBytes, blocksPerCluster }: Ext4Superblock,
  fatClusterBytes: number,
): SpaceNeeds {
  const needs = measureWrites(writes, blockSizeBytes * blocksPerCluster, fatClusterBytes);
  return { ...needs, rootBlocks: needs.rootBlocks * blocksPerCluster };
}

/** The boot partition cannot grow: the root follows it directly. */
function assertBootRoom(neededBytes: number, freeBytes: number): void {
  if (neededBytes <= freeBytes) return;
  throw new InputError(
    `the boot partition has no room: ${formatBytes(neededBytes)} are needed, ${formatBytes(freeBytes)} are free`,
    { hint: 'start from a base image with a larger boot partition' },
  );
}

function replacedBootBytes(placed: readonly PlacedChange[]): number {
  return placed
    .filter(({ change, location }) => location.volume === 'boot' && change.kind !== 'directory')
    .reduce((bytes, { location }) => bytes + (location.node?.sizeBytes ?? 0), 0);
}
