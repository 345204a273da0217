import { InputError } from '../../core/errors.ts';
import { type ByteRange, mergeRanges } from '../byte-range.ts';
import type { ReadBytes } from '../tree-reader.ts';
import { type Ext4Superblock, getDescriptorsOffset } from './ext4-superblock.ts';

const COMPAT_SPARSE_SUPER2 = 0x200;
const RO_COMPAT_SPARSE_SUPER = 0x1;
const RO_COMPAT_GDT_CSUM = 0x10;
const RO_COMPAT_BIGALLOC = 0x200;
const RO_COMPAT_METADATA_CSUM = 0x400;
const BG_BLOCK_UNINIT = 0x2;

/**
 * The used bytes of an ext4 volume: the used blocks of its block bitmaps, and all its metadata. Superblock copies,
 * group descriptors, bitmaps and inode tables count as a whole, because their unused parts must be zero (kernel:
 * Documentation/filesystems/ext4/, "Block Group Descriptors" and "Block and Inode Bitmaps"). The rest is free: the
 * file system does not read it before it has written it.
 *
 * It is the whole volume if the bitmaps are unreliable: with an unreplayed journal, with recorded errors, or if a bit
 * stands for several blocks (bigalloc).
 * @throws InputError when the group descriptors point outside the volume
 */
export async function listExt4Used(read: ReadBytes, s: Ext4Superblock): Promise<ByteRange[]> {
  const sizeBytes = s.blocksCount * s.blockSizeBytes;
  if (s.needsRecovery || s.hasErrors || (s.roCompatFeatures & RO_COMPAT_BIGALLOC) !== 0) {
    return [{ start: 0, end: sizeBytes }];
  }
  const groups = await readGroups(read, s);
  const hasFlags = (s.roCompatFeatures & (RO_COMPAT_GDT_CSUM | RO_COMPAT_METADATA_CSUM)) !== 0;
  const tableBlocks = Math.ceil((s.inodesPerGroup * s.inodeSizeBytes) / s.blockSizeBytes);
  const descriptorBlocks = Math.ceil((groups.length * s.groupDescriptorBytes) / s.blockSizeBytes);
  const copyBlocks = 1 + descriptorBlocks + s.reservedGdtBlocks;
  // With blocks of 1 KiB no bitmap contains the first one, the boot block.
  const blocks: ByteRange[] = [{ start: 0, end: s.firstDataBlock }];
  for (const [index, group] of groups.entries()) {
    const first = s.firstDataBlock + index * s.blocksPerGroup;
    const count = Math.min(s.blocksPerGroup, s.blocksCount - first);
    if (hasSuperblockCopy(index, s)) blocks.push({ start: first, end: first + Math.min(copyBlocks, count) });
    blocks.push(
      { start: group.blockBitmap, end: group.blockBitmap + 1 },
      { start: group.inodeBitmap, end: group.inodeBitmap + 1 },
      { start: group.inodeTable, end: group.inodeTable + tableBlocks },
    );
    // Such a group's bitmap was never written: it uses the blocks above (fs/ext4/balloc.c, ext4_init_block_bitmap).
    if (hasFlags && (group.flags & BG_BLOCK_UNINIT) !== 0) continue;
    const bitmap = await read(group.blockBitmap * s.blockSizeBytes, s.blockSizeBytes);
    for (const run of listRuns(bitmap, count))
      blocks.push({ start: first + run.start, end: first + run.end });
  }
  return mergeRanges(blocks).map(({ start, end }) => ({
    start: start * s.blockSizeBytes,
    end: end * s.blockSizeBytes,
  }));
}

interface Group {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly flags: number;
}

async function readGroups(read: ReadBytes, s: Ext4Superblock): Promise<Group[]> {
  const count = Math.ceil((s.blocksCount - s.firstDataBlock) / s.blocksPerGroup);
  const size = s.groupDescriptorBytes;
  const bytes = await read(getDescriptorsOffset(s), count * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const tableBlocks = Math.ceil((s.inodesPerGroup * s.inodeSizeBytes) / s.blockSizeBytes);
  return Array.from({ length: count }, (_, index) => {
    const block = (low: number, high: number, blocks: number): number => {
      const at = index * size;
      const upper = size >= 64 ? view.getUint32(at + high, true) : 0;
      const number = view.getUint32(at + low, true) + upper * 2 ** 32;
      if (number < s.firstDataBlock || number + blocks > s.blocksCount) {
        throw new InputError(
          `the root file system is damaged: block group ${index} points outside the volume`,
        );
      }
      return number;
    };
    return {
      blockBitmap: block(0x00, 0x20, 1),
      inodeBitmap: block(0x04, 0x24, 1),
      inodeTable: block(0x08, 0x28, tableBlocks),
      flags: view.getUint16(index * size + 0x12, true),
    };
  });
}

/** With sparse_super groups 0, 1 and powers of 3, 5 and 7; with sparse_super2 the first and two named ones. */
function hasSuperblockCopy(group: number, s: Ext4Superblock): boolean {
  if ((s.compatFeatures & COMPAT_SPARSE_SUPER2) !== 0) return group === 0 || s.backupGroups.includes(group);
  if ((s.roCompatFeatures & RO_COMPAT_SPARSE_SUPER) === 0 || group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
}

/** The runs of set bits among the first `count`, lowest bit of a byte first. */
function listRuns(bitmap: Uint8Array, count: number): ByteRange[] {
  const runs: ByteRange[] = [];
  let start = -1;
  for (let bit = 0; bit < count; ) {
    const byte = bitmap[bit >> 3] ?? 0;
    // Skips whole bytes that continue the run.
    if ((bit & 7) === 0 && bit + 8 <= count && byte === (start === -1 ? 0x00 : 0xff)) {
      bit += 8;
      continue;
    }
    const isSet = (byte & (1 << (bit & 7))) !== 0;
    if (isSet && start === -1) start = bit;
    if (!isSet && start !== -1) {
      runs.push({ start, end: bit });
      start = -1;
    }
    bit += 1;
  }
  if (start !== -1) runs.push({ start, end: count });
  return runs;
}
