import type { Disk, Partition } from '../core/model.ts';
import { compareTrees, type FileDifference } from './compare-trees.ts';
import { type ImageTree, withImageTree } from './image-tree.ts';

/** How two images differ. Plain data: `--json` prints it unchanged. */
export interface ImageComparison {
  /** Differences of the disks and file systems themselves. */
  readonly layout: readonly LayoutDifference[];
  readonly files: readonly FileDifference[];
}

/** One property of the disk that differs. */
export interface LayoutDifference {
  readonly what: string;
  readonly before: string | number;
  readonly after: string | number;
}

/**
 * Compares two images file by file on both volumes, with wwanpi's own readers. Bytes outside files are not compared:
 * free space, the journal, and file system metadata.
 * @param onBytes told how many bytes are compared, and about how many there are
 * @throws InputError when a volume can't be read, InterruptedError
 */
export async function compareImages(
  before: Disk,
  after: Disk,
  signal: AbortSignal,
  onBytes: (doneBytes: number, totalBytes: number) => void = () => undefined,
): Promise<ImageComparison> {
  const compare = async (a: ImageTree, b: ImageTree) => {
    const total = Math.min(countUsedBytes(a), countUsedBytes(b));
    let done = 0;
    const count = (bytes: number): void => {
      done = Math.min(done + bytes, total);
      onBytes(done, total);
    };
    return {
      layout: compareLayout(describe(before, a), describe(after, b)),
      files: [
        ...(await compareTrees('root', '', a.ext4.root, b.ext4.root, count)),
        ...(await compareTrees('boot', a.bootFolder, a.fat.root, b.fat.root, count)),
      ].sort((x, y) => (x.path < y.path ? -1 : x.path > y.path ? 1 : 0)),
    };
  };
  return withImageTree(before, (a) => withImageTree(after, (b) => compare(a, b), signal), signal);
}

/** Of the root, which is nearly all: files of another size are not read, and metadata neither, so it is an upper bound. */
function countUsedBytes({ ext4: { superblock } }: ImageTree): number {
  return (superblock.blocksCount - superblock.freeBlocksCount) * superblock.blockSizeBytes;
}

function describe({ layout }: Disk, { ext4, fat }: ImageTree): Record<string, string | number> {
  const { superblock: s } = ext4;
  return {
    'size in bytes': layout.sizeBytes,
    'disk id': layout.diskId,
    ...describePartition('boot', layout.boot),
    'boot file system': fat.geometry.kind,
    'boot label': fat.label,
    'boot label in the boot sector': fat.geometry.bootSectorLabel,
    ...describePartition('root', layout.root),
    'root label': s.label,
    'root UUID': s.uuid,
    'root file system in bytes': s.blocksCount * s.blockSizeBytes,
    'root features': [s.compatFeatures, s.incompatFeatures, s.roCompatFeatures]
      .map((bits) => `0x${bits.toString(16)}`)
      .join(' '),
  };
}

function describePartition(name: string, partition: Partition): Record<string, string | number> {
  return {
    [`${name} partition number`]: partition.number,
    [`${name} partition type`]: `0x${partition.type.toString(16).padStart(2, '0')}`,
    [`${name} partition starts at byte`]: partition.offsetBytes,
    [`${name} partition in bytes`]: partition.sizeBytes,
  };
}

function compareLayout(
  a: Readonly<Record<string, string | number>>,
  b: Readonly<Record<string, string | number>>,
): LayoutDifference[] {
  return Object.entries(a).flatMap(([what, before]) => {
    const after = b[what] ?? '';
    return before === after ? [] : [{ what, before, after }];
  });
}
