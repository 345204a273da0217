import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import type { Disk, FileChange } from '../../src/core/model.ts';
import { applyChanges } from '../../src/customise/apply-changes.ts';
import { growRoot } from '../../src/customise/grow-root.ts';
import { withImageTree } from '../../src/image/image-tree.ts';
import { openDisk } from '../../src/image/open-disk.ts';

const EPOCH_SECONDS = 1_700_000_000;
const BATCH_BYTES = 64 * 1024 * 1024;
/** Below it, a tree of real programs and data; the same files lie on every Debian with this project's tools. */
const SOURCE = '/usr';

/**
 * Makes a disk of a given size with a given amount of data in it out of a base: files of this machine's /usr are put
 * into its root, so that what is compressed is what images are made of. Their choice depends on names and sizes alone.
 * @param dataBytes that the root's files take up at the end, those of the base included
 */
export async function makeDiskOfSize(
  context: Context,
  base: string,
  path: string,
  { sizeBytes, dataBytes }: { sizeBytes: number; dataBytes: number },
): Promise<Disk> {
  await copyFile(base, path);
  let disk = await openDisk(path);
  const superblock = await withImageTree(disk, async (tree) => tree.ext4.superblock);
  const { blocksCount, freeBlocksCount, reservedBlocksCount, blockSizeBytes } = superblock;
  const grow = Math.floor((sizeBytes - disk.layout.sizeBytes) / blockSizeBytes) - TABLE_BLOCKS;
  disk = await growRoot(
    context,
    disk,
    { rootBlocks: freeBlocksCount - reservedBlocksCount + grow, rootInodes: 0, bootBytes: 0 },
    EPOCH_SECONDS,
  );
  let left = dataBytes - (blocksCount - freeBlocksCount) * blockSizeBytes;
  let before = Number.POSITIVE_INFINITY;
  // Until what is left is smaller than the first file.
  for (let round = 0; left < before; round += 1) {
    before = left;
    for await (const changes of listFiles(`/opt/data-${round}`, left)) {
      left -= changes.reduce((sum, change) => sum + blockBytes(change), 0);
      disk = await applyChanges(context, disk, changes, EPOCH_SECONDS);
    }
  }
  return disk;
}

/** growRoot adds room for these of new block groups by itself. */
const TABLE_BLOCKS = 8192;

/** The files of SOURCE as changes, in batches, until there are `maxBytes` of them. */
async function* listFiles(target: string, maxBytes: number): AsyncGenerator<FileChange[]> {
  const entries = await readdir(SOURCE, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/["\x00-\x1f\x7f]/.test(path))
    .sort();
  let batch: FileChange[] = [];
  let batchBytes = 0;
  let bytes = 0;
  for (const path of paths) {
    const { size } = await stat(path);
    if (size === 0 || size > BATCH_BYTES) continue;
    if (bytes + size > maxBytes) break;
    const content = await readFile(path);
    batch.push({
      ...{ kind: 'file', path: `${target}${path}`, stage: 'bench', content },
      ...{ mode: 0o644, uid: 0, gid: 0 },
    } as FileChange);
    batchBytes += size;
    bytes += blockBytes(batch.at(-1) as FileChange);
    if (batchBytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    batchBytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function blockBytes(change: FileChange): number {
  return change.kind === 'file' ? Math.ceil(change.content.length / 4096) * 4096 : 4096;
}
