import { InputError } from '../../core/errors.ts';

/** Offset and size of the superblock in its volume. */
export const EXT4_SUPERBLOCK_OFFSET = 1024;
export const EXT4_SUPERBLOCK_BYTES = 1024;

/** The fields of an ext4 superblock that wwanpi uses (kernel: Documentation/filesystems/ext4/super.rst). */
export interface Ext4Superblock {
  readonly blockSizeBytes: number;
  readonly blocksCount: number;
  readonly freeBlocksCount: number;
  /** Blocks reserved for root; part of the free blocks. */
  readonly reservedBlocksCount: number;
  readonly inodesCount: number;
  readonly freeInodesCount: number;
  readonly firstDataBlock: number;
  /** What a bit of a block bitmap stands for: one block, or with bigalloc 2, 4, 8 … */
  readonly blocksPerCluster: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly inodeSizeBytes: number;
  readonly groupDescriptorBytes: number;
  /** Blocks after each copy of the group descriptors, reserved for growing. */
  readonly reservedGdtBlocks: number;
  /** With sparse_super2: the two groups besides the first that hold a copy of the superblock. */
  readonly backupGroups: readonly number[];
  readonly compatFeatures: number;
  readonly incompatFeatures: number;
  readonly roCompatFeatures: number;
  /** Lower-case hex with hyphens. */
  readonly uuid: string;
  readonly label: string;
  /** Seconds since 1970. */
  readonly lastWriteSeconds: number;
  /** The journal has writes that are not in place yet, as on a card that was pulled from a running Pi. */
  readonly needsRecovery: boolean;
  /** The kernel or e2fsck recorded errors that are not repaired. */
  readonly hasErrors: boolean;
}

const COMPAT_RESIZE_INODE = 0x10;
const INCOMPAT_RECOVER = 0x4;
const INCOMPAT_64BIT = 0x80;
const INCOMPAT_EXTENTS = 0x40;
const RO_COMPAT_BIGALLOC = 0x200;
const RO_COMPAT_ORPHAN_PRESENT = 0x10000;
const STATE_ERRORS = 0x2;
const F2FS_MAGIC = 0xf2f52010;
const EXT4_HINT = 'take an image whose root is ext4, as in Raspberry Pi OS';
/** mke2fs(8), -g: no group is smaller. */
const MIN_BLOCKS_PER_GROUP = 256;

/**
 * Reads the 1024 bytes at `EXT4_SUPERBLOCK_OFFSET`.
 * @throws InputError when they are not an ext superblock, or its numbers are impossible
 */
export function parseExt4Superblock(bytes: Uint8Array): Ext4Superblock {
  if (bytes.length < EXT4_SUPERBLOCK_BYTES) throw new InputError('the root partition is too small for ext4');
  const view = new DataView(bytes.buffer, bytes.byteOffset, EXT4_SUPERBLOCK_BYTES);
  const u16 = (offset: number) => view.getUint16(offset, true);
  const u32 = (offset: number) => view.getUint32(offset, true);
  if (u16(0x38) !== 0xef53) {
    // The kernel's include/linux/f2fs_fs.h: the superblock lies at the same place.
    const what = u32(0) === F2FS_MAGIC ? 'f2fs, not ext4' : 'no ext4 file system';
    throw new InputError(`the root partition holds ${what}`, { hint: EXT4_HINT });
  }
  const incompatFeatures = u32(0x60);
  if ((incompatFeatures & INCOMPAT_EXTENTS) === 0) {
    throw new InputError('the root partition holds ext2 or ext3, not ext4: it has no extents', {
      hint: EXT4_HINT,
    });
  }
  const is64Bit = (incompatFeatures & INCOMPAT_64BIT) !== 0;
  const wide = (low: number, high: number) => u32(low) + (is64Bit ? u32(high) * 2 ** 32 : 0);
  const logBlockSize = u32(0x18);
  const superblock: Ext4Superblock = {
    blockSizeBytes: logBlockSize <= 6 ? 1024 << logBlockSize : 0,
    blocksCount: wide(0x04, 0x150),
    freeBlocksCount: wide(0x0c, 0x158),
    reservedBlocksCount: wide(0x08, 0x154),
    inodesCount: u32(0x00),
    freeInodesCount: u32(0x10),
    firstDataBlock: u32(0x14),
    blocksPerCluster:
      (u32(0x64) & RO_COMPAT_BIGALLOC) === 0 ? 1 : 2 ** Math.min(32, u32(0x1c) - logBlockSize),
    blocksPerGroup: u32(0x20),
    inodesPerGroup: u32(0x28),
    inodeSizeBytes: u32(0x4c) === 0 ? 128 : u16(0x58),
    groupDescriptorBytes: is64Bit ? u16(0xfe) : 32,
    reservedGdtBlocks: (u32(0x5c) & COMPAT_RESIZE_INODE) === 0 ? 0 : u16(0xce),
    backupGroups: [u32(0x24c), u32(0x250)],
    compatFeatures: u32(0x5c),
    incompatFeatures,
    roCompatFeatures: u32(0x64),
    uuid: formatUuid(bytes.subarray(0x68, 0x78)),
    label: cString(bytes.subarray(0x78, 0x88)),
    lastWriteSeconds: u32(0x30) + view.getUint8(0x274) * 2 ** 32,
    needsRecovery:
      (incompatFeatures & INCOMPAT_RECOVER) !== 0 || (u32(0x64) & RO_COMPAT_ORPHAN_PRESENT) !== 0,
    hasErrors: (u16(0x3a) & STATE_ERRORS) !== 0,
  };
  checkGeometry(superblock);
  return superblock;
}

/**
 * Where the group descriptors begin, in bytes: in the block behind the superblock's. That is not always the one behind
 * the first data block, which bigalloc has as 0 with blocks of 1 KiB too.
 */
export function getDescriptorsOffset({ blockSizeBytes }: Ext4Superblock): number {
  return (Math.floor(EXT4_SUPERBLOCK_OFFSET / blockSizeBytes) + 1) * blockSizeBytes;
}

/** What the kernel demands at a mount too (fs/ext4/super.c, ext4_geometry_check and ext4_block_group_meta_init). */
function checkGeometry(s: Ext4Superblock): void {
  const groups = Math.ceil((s.blocksCount - s.firstDataBlock) / s.blocksPerGroup);
  const sound =
    s.blockSizeBytes > 0 &&
    s.blocksCount > s.firstDataBlock &&
    s.blocksCount < 2 ** 40 &&
    s.freeBlocksCount <= s.blocksCount &&
    s.freeInodesCount <= s.inodesCount &&
    s.blocksPerCluster >= 1 &&
    s.blocksPerGroup >= MIN_BLOCKS_PER_GROUP &&
    s.blocksPerGroup <= s.blockSizeBytes * 8 * s.blocksPerCluster &&
    s.inodesPerGroup > 0 &&
    s.inodesPerGroup <= s.blockSizeBytes * 8 &&
    s.inodesCount === s.inodesPerGroup * groups &&
    s.inodeSizeBytes >= 128 &&
    s.inodeSizeBytes <= s.blockSizeBytes &&
    (s.inodeSizeBytes & (s.inodeSizeBytes - 1)) === 0 &&
    s.groupDescriptorBytes >= 32 &&
    s.groupDescriptorBytes <= s.blockSizeBytes &&
    (s.groupDescriptorBytes & (s.groupDescriptorBytes - 1)) === 0;
  if (!sound) throw new InputError('the ext4 superblock of the root partition is damaged');
}

function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('utf8');
}
