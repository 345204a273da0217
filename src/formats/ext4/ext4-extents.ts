import { InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';

/** A run of blocks of a file. The gap between two extents is a hole and reads as zeros. */
export interface Extent {
  readonly firstFileBlock: number;
  readonly count: number;
  /** First block in the volume; undefined if the run is only reserved and reads as zeros. */
  readonly firstDiskBlock: number | undefined;
}

const MAGIC = 0xf30a;
const ENTRY_BYTES = 12;
const MAX_DEPTH = 5;
/** Above this, `ee_len` marks an unwritten extent of `ee_len - 32768` blocks. */
const MAX_WRITTEN_LENGTH = 32768;

/**
 * All extents of an inode, ascending (kernel: Documentation/filesystems/ext4/ifork.rst, "Extent Tree").
 * @param blockArea the inode's 60 bytes
 * @param readBlock gives one block of the volume
 * @param options.mayShare whether two extents may lie in the same blocks (ro_compat feature shared_blocks)
 * @throws InputError when the tree is damaged: wrong magic, out of order, outside the volume, a loop, or a block twice
 */
export async function readExtents(
  blockArea: Uint8Array,
  readBlock: (block: number) => Promise<Uint8Array>,
  { blocksCount, mayShare }: { readonly blocksCount: number; readonly mayShare: boolean },
): Promise<readonly Extent[]> {
  const extents: Extent[] = [];
  const used: ByteRange[] = [];
  const seen = new Set<number>();
  let nextFileBlock = 0;
  let usedBlocks = 0;

  async function walk(bytes: Uint8Array, expectedDepth: number | undefined): Promise<void> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const entries = view.getUint16(2, true);
    const depth = view.getUint16(6, true);
    if (
      view.getUint16(0, true) !== MAGIC ||
      depth > MAX_DEPTH ||
      (expectedDepth !== undefined && depth !== expectedDepth) ||
      (entries + 1) * ENTRY_BYTES > bytes.length
    ) {
      throw damaged();
    }
    for (let index = 1; index <= entries; index += 1) {
      const offset = index * ENTRY_BYTES;
      if (depth === 0) {
        addLeaf(view, offset);
      } else {
        const child = view.getUint32(offset + 4, true) + view.getUint16(offset + 8, true) * 2 ** 32;
        if (child === 0 || child >= blocksCount || seen.has(child)) throw damaged();
        seen.add(child);
        await walk(await readBlock(child), depth - 1);
      }
    }
  }

  function addLeaf(view: DataView, offset: number): void {
    const firstFileBlock = view.getUint32(offset, true);
    const length = view.getUint16(offset + 4, true);
    const written = length <= MAX_WRITTEN_LENGTH;
    const count = written ? length : length - MAX_WRITTEN_LENGTH;
    const firstDiskBlock = view.getUint16(offset + 6, true) * 2 ** 32 + view.getUint32(offset + 8, true);
    if (count === 0 || firstFileBlock < nextFileBlock || firstDiskBlock + count > blocksCount)
      throw damaged();
    if (firstDiskBlock === 0) throw damaged();
    nextFileBlock = firstFileBlock + count;
    usedBlocks += count;
    if (!mayShare && usedBlocks > blocksCount) throw damaged();
    used.push({ start: firstDiskBlock, end: firstDiskBlock + count });
    extents.push({ firstFileBlock, count, firstDiskBlock: written ? firstDiskBlock : undefined });
  }

  await walk(blockArea, undefined);
  if (!mayShare) requireNoOverlap([...used, ...[...seen].map((block) => ({ start: block, end: block + 1 }))]);
  return extents;
}

/** A block that a file has twice makes a small image's file as large as one likes. */
function requireNoOverlap(ranges: ByteRange[]): void {
  ranges.sort((a, b) => a.start - b.start);
  let end = 0;
  for (const range of ranges) {
    if (range.start < end) throw damaged();
    end = range.end;
  }
}

function damaged(): InputError {
  return new InputError('the root file system is damaged: a file has a broken extent tree');
}
