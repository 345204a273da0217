import { InputError } from '../../core/errors.ts';
import type { DirectoryGuard, DirectoryPlace } from '../directory-guard.ts';
import { MAX_DIRECTORY_NAMES } from '../directory-guard.ts';
import { createFileContent } from '../file-content.ts';
import type { FileContent, ReadBytes } from '../tree-reader.ts';
import { type Ext4DirectoryEntry, parseExt4DirectoryBlock } from './ext4-directory.ts';
import { readExtents } from './ext4-extents.ts';
import type { Ext4Inode } from './ext4-inode.ts';
import { type Ext4Superblock, getDescriptorsOffset } from './ext4-superblock.ts';
import { parseXattrBlock, type Xattrs } from './ext4-xattrs.ts';

/** An opened volume: what reading any inode of it takes. */
export interface Ext4Source {
  readonly read: ReadBytes;
  readonly superblock: Ext4Superblock;
  readonly guard: DirectoryGuard;
  /** Blocks of descriptors and inode tables that were read, by their place in bytes: a folder's inodes lie together. */
  readonly blocks: Map<number, Uint8Array>;
}

const MAX_CACHED_BLOCKS = 64;

const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
/** Android's images only (e2fsprogs, lib/ext2fs/ext2_fs.h). */
const RO_COMPAT_SHARED_BLOCKS = 0x4000;

/**
 * The bytes of an inode.
 * @throws InputError when the volume has no such inode
 */
export async function readInodeBytes(source: Ext4Source, inodeNumber: number): Promise<Uint8Array> {
  const { superblock: s } = source;
  if (inodeNumber < 1 || inodeNumber > s.inodesCount) {
    throw new InputError(`the root file system is damaged: it has no inode ${inodeNumber}`);
  }
  const group = Math.floor((inodeNumber - 1) / s.inodesPerGroup);
  const index = (inodeNumber - 1) % s.inodesPerGroup;
  const descriptorOffset = getDescriptorsOffset(s) + group * s.groupDescriptorBytes;
  const descriptor = await readCached(source, descriptorOffset, s.groupDescriptorBytes);
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.length);
  const high = s.groupDescriptorBytes >= 64 ? view.getUint32(0x28, true) : 0;
  const table = view.getUint32(0x08, true) + high * 2 ** 32;
  if (table === 0 || table >= s.blocksCount) {
    throw new InputError(`the root file system is damaged: block group ${group} has no inode table`);
  }
  return readCached(source, table * s.blockSizeBytes + index * s.inodeSizeBytes, s.inodeSizeBytes);
}

/** Reads what lies within one block. */
async function readCached(
  { read, superblock: { blockSizeBytes }, blocks }: Ext4Source,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const start = Math.floor(offset / blockSizeBytes) * blockSizeBytes;
  let block = blocks.get(start);
  if (block === undefined) {
    block = await read(start, blockSizeBytes);
    if (blocks.size >= MAX_CACHED_BLOCKS) blocks.clear();
    blocks.set(start, block);
  }
  return block.subarray(offset - start, offset - start + length);
}

/**
 * The content of an inode that is mapped by extents.
 * @throws InputError when it is not, or its extent tree is damaged
 */
export async function openContent(source: Ext4Source, inode: Ext4Inode): Promise<FileContent> {
  const { superblock: s, read } = source;
  if (inode.sizeBytes === 0) return createFileContent(read, []);
  if (!inode.hasExtents) {
    throw new InputError(
      `inode ${inode.number} of the root file system has no extents (an ext2 or ext3 file)`,
    );
  }
  const readBlock = (block: number) => read(block * s.blockSizeBytes, s.blockSizeBytes);
  const mayShare = inode.kind !== 'directory' && (s.roCompatFeatures & RO_COMPAT_SHARED_BLOCKS) !== 0;
  const extents = await readExtents(inode.blockArea, readBlock, { blocksCount: s.blocksCount, mayShare });
  const segments = extents.flatMap(({ firstFileBlock, count, firstDiskBlock }) => {
    const start = firstFileBlock * s.blockSizeBytes;
    const end = Math.min(start + count * s.blockSizeBytes, inode.sizeBytes);
    if (firstDiskBlock === undefined || end <= start) return [];
    return [{ start, end, volumeOffsetBytes: firstDiskBlock * s.blockSizeBytes }];
  });
  return createFileContent(read, segments);
}

/** All of an inode's content. @throws InputError when it has more than `maxBytes` */
export async function readContent(
  source: Ext4Source,
  inode: Ext4Inode,
  maxBytes: number,
): Promise<Uint8Array> {
  if (inode.sizeBytes > maxBytes) {
    throw new InputError(
      `inode ${inode.number} of the root file system has ${inode.sizeBytes} bytes: too many`,
    );
  }
  return (await openContent(source, inode)).read(0, inode.sizeBytes);
}

/** The attributes in the block an inode points to, if it does. */
export async function readXattrBlock(
  { read, superblock }: Ext4Source,
  { number, xattrBlock }: Ext4Inode,
): Promise<Xattrs> {
  if (xattrBlock === 0) return new Map();
  if (xattrBlock >= superblock.blocksCount) {
    throw new InputError(`the root file system is damaged: inode ${number} points outside the volume`);
  }
  return parseXattrBlock(await read(xattrBlock * superblock.blockSizeBytes, superblock.blockSizeBytes));
}

/**
 * The entries of a directory, in the order they lie there.
 * @throws InputError on damage, a hole included, and when there are too many
 */
export async function readDirectory(
  source: Ext4Source,
  inode: Ext4Inode,
  place: DirectoryPlace,
): Promise<readonly Ext4DirectoryEntry[]> {
  const { blockSizeBytes } = source.superblock;
  if (inode.sizeBytes % blockSizeBytes !== 0) {
    throw new InputError(`the root file system is damaged: directory inode ${inode.number} has an odd size`);
  }
  const tooMany = () =>
    new InputError(
      `directory inode ${inode.number} of the root file system has more than ${MAX_DIRECTORY_NAMES} names`,
    );
  if (inode.sizeBytes > MAX_DIRECTORY_BYTES) throw tooMany();
  const content = await openContent(source, inode);
  const entries: Ext4DirectoryEntry[] = [];
  for (let offset = 0; offset < inode.sizeBytes; offset += blockSizeBytes) {
    for (const entry of parseExt4DirectoryBlock(await content.read(offset, blockSizeBytes))) {
      if (entries.push(entry) > MAX_DIRECTORY_NAMES) throw tooMany();
    }
  }
  source.guard.count(place, entries.length);
  return entries;
}
