import { InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';
import { DEFAULT_MAX_FILE_BYTES, type ReadBytes, type TreeNode } from '../tree-reader.ts';
import { type Ext4DirectoryEntry, parseExt4DirectoryBlock } from './ext4-directory.ts';
import { type Extent, readExtents } from './ext4-extents.ts';
import { type Ext4Inode, parseExt4Inode } from './ext4-inode.ts';
import {
  EXT4_SUPERBLOCK_BYTES,
  EXT4_SUPERBLOCK_OFFSET,
  type Ext4Superblock,
  parseExt4Superblock,
} from './ext4-superblock.ts';
import { listExt4Used } from './ext4-used.ts';
import { parseInodeXattrs, parseXattrBlock, type Xattrs } from './ext4-xattrs.ts';

/** An ext4 volume opened for reading. */
export interface Ext4Volume {
  readonly superblock: Ext4Superblock;
  readonly root: TreeNode;
  /** The used ranges of the volume, ascending; see `listExt4Used`. */
  listUsed(): Promise<ByteRange[]>;
}

const ROOT_INODE = 2;
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
/** Linux does not create longer symlinks (path_resolution(7)). */
const MAX_SYMLINK_BYTES = 4096;
/**
 * filetype, recover, extents, 64bit, mmp, flex_bg, ea_inode, csum_seed, largedir. Volumes with other features
 * (meta_bg, inline_data, encrypt, casefold, …) would be read wrongly.
 */
const KNOWN_INCOMPAT = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000;

/**
 * Opens an ext4 volume without mounting it: an independent reader for the output of e2fsprogs. It supports the
 * features of Raspberry Pi images (extents, holes, hashed directories read linearly, fast symlinks) and throws on
 * anything else. An unreplayed journal is ignored: see `superblock.needsRecovery`.
 * @throws InputError on damage and on unknown features; reading nodes throws it too
 */
export async function openExt4(read: ReadBytes): Promise<Ext4Volume> {
  const superblock = parseExt4Superblock(await read(EXT4_SUPERBLOCK_OFFSET, EXT4_SUPERBLOCK_BYTES));
  const unknown = superblock.incompatFeatures & ~KNOWN_INCOMPAT;
  if (unknown !== 0) {
    throw new InputError(
      `the root file system uses ext4 features wwanpi does not know (incompat 0x${(unknown >>> 0).toString(16)})`,
    );
  }
  const root = await openNode({ read, superblock }, ROOT_INODE);
  if (root.kind !== 'directory')
    throw new InputError('the root file system is damaged: / is not a directory');
  return { superblock, root, listUsed: () => listExt4Used(read, superblock) };
}

interface Source {
  readonly read: ReadBytes;
  readonly superblock: Ext4Superblock;
}

async function openNode(source: Source, inodeNumber: number): Promise<TreeNode> {
  const inodeBytes = await readInodeBytes(source, inodeNumber);
  const inode = parseExt4Inode(inodeBytes, inodeNumber);
  return {
    kind: inode.kind,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    sizeBytes: inode.sizeBytes,
    mtimeSeconds: inode.mtimeSeconds,
    list: async () =>
      (await readDirectory(source, inode)).map((entry) => Buffer.from(entry.name).toString('utf8')),
    children: async () => {
      const entries = await readDirectory(source, inode);
      const open = async (entry: Ext4DirectoryEntry) => ({
        name: Buffer.from(entry.name).toString('utf8'),
        node: await openNode(source, entry.inode),
      });
      return Promise.all(entries.map(open));
    },
    find: async (name) => {
      const wanted = Buffer.from(name, 'utf8');
      const entry = (await readDirectory(source, inode)).find(({ name }) => wanted.equals(name));
      return entry === undefined ? undefined : openNode(source, entry.inode);
    },
    read: async (maxBytes = DEFAULT_MAX_FILE_BYTES) => {
      assertKind(inode, 'file');
      return readContent(source, inode, maxBytes);
    },
    xattrs: async () => new Map([...parseInodeXattrs(inodeBytes), ...(await readXattrBlock(source, inode))]),
    readLink: async () => {
      assertKind(inode, 'symlink');
      const isFast = !inode.hasExtents && inode.sizeBytes < inode.blockArea.length;
      const bytes = isFast
        ? inode.blockArea.subarray(0, inode.sizeBytes)
        : await readContent(source, inode, MAX_SYMLINK_BYTES);
      return Buffer.from(bytes).toString('utf8');
    },
  };
}

async function readInodeBytes(source: Source, inodeNumber: number): Promise<Uint8Array> {
  const { superblock: s, read } = source;
  if (inodeNumber < 1 || inodeNumber > s.inodesCount) {
    throw new InputError(`the root file system is damaged: it has no inode ${inodeNumber}`);
  }
  const group = Math.floor((inodeNumber - 1) / s.inodesPerGroup);
  const index = (inodeNumber - 1) % s.inodesPerGroup;
  const descriptorOffset = (s.firstDataBlock + 1) * s.blockSizeBytes + group * s.groupDescriptorBytes;
  const descriptor = await read(descriptorOffset, s.groupDescriptorBytes);
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.length);
  const high = s.groupDescriptorBytes >= 64 ? view.getUint32(0x28, true) : 0;
  const table = view.getUint32(0x08, true) + high * 2 ** 32;
  if (table === 0 || table >= s.blocksCount) {
    throw new InputError(`the root file system is damaged: block group ${group} has no inode table`);
  }
  return read(table * s.blockSizeBytes + index * s.inodeSizeBytes, s.inodeSizeBytes);
}

async function readXattrBlock(
  { read, superblock }: Source,
  { number, xattrBlock }: Ext4Inode,
): Promise<Xattrs> {
  if (xattrBlock === 0) return new Map();
  if (xattrBlock >= superblock.blocksCount) {
    throw new InputError(`the root file system is damaged: inode ${number} points outside the volume`);
  }
  return parseXattrBlock(await read(xattrBlock * superblock.blockSizeBytes, superblock.blockSizeBytes));
}

async function readDirectory(source: Source, inode: Ext4Inode): Promise<readonly Ext4DirectoryEntry[]> {
  assertKind(inode, 'directory');
  const content = await readContent(source, inode, MAX_DIRECTORY_BYTES);
  const { blockSizeBytes } = source.superblock;
  if (content.length % blockSizeBytes !== 0) {
    throw new InputError(`the root file system is damaged: directory inode ${inode.number} has an odd size`);
  }
  const entries: Ext4DirectoryEntry[] = [];
  for (let offset = 0; offset < content.length; offset += blockSizeBytes) {
    entries.push(...parseExt4DirectoryBlock(content.subarray(offset, offset + blockSizeBytes)));
  }
  return entries;
}

async function readContent(source: Source, inode: Ext4Inode, maxBytes: number): Promise<Uint8Array> {
  const { superblock: s, read } = source;
  if (inode.sizeBytes > maxBytes) {
    throw new InputError(
      `inode ${inode.number} of the root file system has ${inode.sizeBytes} bytes: too many`,
    );
  }
  const content = new Uint8Array(inode.sizeBytes);
  if (content.length === 0) return content;
  if (!inode.hasExtents) {
    throw new InputError(
      `inode ${inode.number} of the root file system has no extents (an ext2 or ext3 file)`,
    );
  }
  const readBlock = (block: number) => read(block * s.blockSizeBytes, s.blockSizeBytes);
  for (const extent of await readExtents(inode.blockArea, readBlock, s.blocksCount)) {
    await fill(source, content, extent);
  }
  return content;
}

async function fill(source: Source, content: Uint8Array, extent: Extent): Promise<void> {
  const { blockSizeBytes } = source.superblock;
  const start = extent.firstFileBlock * blockSizeBytes;
  if (extent.firstDiskBlock === undefined || start >= content.length) return;
  const length = Math.min(extent.count * blockSizeBytes, content.length - start);
  content.set(await source.read(extent.firstDiskBlock * blockSizeBytes, length), start);
}

function assertKind(inode: Ext4Inode, kind: TreeNode['kind']): void {
  if (inode.kind !== kind) {
    throw new InputError(`inode ${inode.number} of the root file system is a ${inode.kind}, not a ${kind}`);
  }
}
