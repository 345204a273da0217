import { InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';
import { createDirectoryGuard, type DirectoryPlace } from '../directory-guard.ts';
import { DEFAULT_MAX_FILE_BYTES, type ReadBytes, type TreeNode } from '../tree-reader.ts';
import { getName } from './ext4-directory.ts';
import { type Ext4Inode, parseExt4Inode } from './ext4-inode.ts';
import {
  type Ext4Source,
  openContent,
  readContent,
  readDirectory,
  readInodeBytes,
  readXattrBlock,
} from './ext4-source.ts';
import {
  EXT4_SUPERBLOCK_BYTES,
  EXT4_SUPERBLOCK_OFFSET,
  type Ext4Superblock,
  parseExt4Superblock,
} from './ext4-superblock.ts';
import { listExt4Used } from './ext4-used.ts';
import { parseInodeXattrs } from './ext4-xattrs.ts';

/** An ext4 volume opened for reading. */
export interface Ext4Volume {
  readonly superblock: Ext4Superblock;
  readonly root: TreeNode;
  /** The used ranges of the volume, ascending; see `listExt4Used`. */
  listUsed(): Promise<ByteRange[]>;
}

const ROOT_INODE = 2;
/** Linux does not make longer ones (path_resolution(7)). */
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
  // Its last byte: a file system that is longer than its partition is damaged.
  await read(superblock.blocksCount * superblock.blockSizeBytes - 1, 1);
  const guard = createDirectoryGuard('the root file system', ROOT_INODE);
  const source = { read, superblock, guard, blocks: new Map<number, Uint8Array>() };
  const bytes = await readInodeBytes(source, ROOT_INODE);
  const inode = parseExt4Inode(bytes, ROOT_INODE);
  if (inode.kind !== 'directory') {
    throw new InputError('the root file system is damaged: / is not a directory');
  }
  const root = describeNode(source, inode, bytes, guard.root);
  return { superblock, root, listUsed: () => listExt4Used(read, superblock) };
}

/** Opens the entry number `index` of a directory. */
async function openChild(
  source: Ext4Source,
  parent: DirectoryPlace,
  index: number,
  inodeNumber: number,
): Promise<TreeNode> {
  const bytes = await readInodeBytes(source, inodeNumber);
  const inode = parseExt4Inode(bytes, inodeNumber);
  const place = inode.kind === 'directory' ? source.guard.enter(parent, index, inodeNumber) : undefined;
  return describeNode(source, inode, bytes, place);
}

/** @param place of a directory */
function describeNode(
  source: Ext4Source,
  inode: Ext4Inode,
  inodeBytes: Uint8Array,
  place: DirectoryPlace | undefined,
): TreeNode {
  const readEntries = async () => {
    if (place === undefined) throw isNo(inode, 'directory');
    return { place, entries: await readDirectory(source, inode, place) };
  };
  return {
    id: inode.number,
    kind: inode.kind,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    sizeBytes: inode.sizeBytes,
    mtimeSeconds: inode.mtimeSeconds,
    list: async () => (await readEntries()).entries.map(getName),
    children: async () => {
      const { place, entries } = await readEntries();
      return entries.map((entry, index) => ({
        name: getName(entry),
        open: () => openChild(source, place, index, entry.inode),
      }));
    },
    find: async (name) => {
      const wanted = Buffer.from(name, 'utf8').toString('latin1');
      const { place, entries } = await readEntries();
      const index = entries.findIndex(({ rawName }) => rawName === wanted);
      const entry = entries[index];
      return entry === undefined ? undefined : openChild(source, place, index, entry.inode);
    },
    read: async (maxBytes = DEFAULT_MAX_FILE_BYTES) => {
      if (inode.kind !== 'file') throw isNo(inode, 'file');
      return readContent(source, inode, maxBytes);
    },
    content: async () => {
      if (inode.kind !== 'file') throw isNo(inode, 'file');
      return openContent(source, inode);
    },
    xattrs: async () => new Map([...parseInodeXattrs(inodeBytes), ...(await readXattrBlock(source, inode))]),
    readLink: async () => {
      if (inode.kind !== 'symlink') throw isNo(inode, 'symlink');
      const isFast = !inode.hasExtents && inode.sizeBytes < inode.blockArea.length;
      const bytes = isFast
        ? inode.blockArea.subarray(0, inode.sizeBytes)
        : await readContent(source, inode, MAX_SYMLINK_BYTES);
      return Buffer.from(bytes).toString('utf8');
    },
  };
}

function isNo({ number, kind }: Ext4Inode, wanted: TreeNode['kind']): InputError {
  return new InputError(`inode ${number} of the root file system is a ${kind}, not a ${wanted}`);
}
