import { InputError } from '../../core/errors.ts';
import type { TreeNode } from '../tree-reader.ts';

/** One inode, decoded (kernel: Documentation/filesystems/ext4/inodes.rst). */
export interface Ext4Inode {
  readonly number: number;
  readonly kind: TreeNode['kind'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** Content is mapped by extents. If false, only a fast symlink can be read. */
  readonly hasExtents: boolean;
  /** The 60 bytes of i_block: extent tree root, or a fast symlink's target. */
  readonly blockArea: Uint8Array;
  /** Block of further extended attributes; 0 if there is none. */
  readonly xattrBlock: number;
}

const FLAG_ENCRYPTED = 0x800;
const FLAG_EXTENTS = 0x80000;
const FLAG_INLINE_DATA = 0x1000_0000;
const KINDS: Readonly<Record<number, TreeNode['kind']>> = {
  1: 'special',
  2: 'special',
  4: 'directory',
  6: 'special',
  8: 'file',
  10: 'symlink',
  12: 'special',
};

/** @throws InputError for an unused or encrypted inode, and for one with inline data */
export function parseExt4Inode(bytes: Uint8Array, number: number): Ext4Inode {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u16 = (offset: number) => view.getUint16(offset, true);
  const u32 = (offset: number) => view.getUint32(offset, true);
  const fullMode = u16(0x00);
  const kind = KINDS[fullMode >> 12];
  if (kind === undefined || u16(0x1a) === 0) {
    throw new InputError(`the root file system is damaged: inode ${number} is not in use`);
  }
  const flags = u32(0x20);
  if ((flags & (FLAG_ENCRYPTED | FLAG_INLINE_DATA)) !== 0) {
    throw new InputError(`inode ${number} of the root file system is encrypted or keeps its data inline`);
  }
  // The two low bits of the extra field continue the signed seconds beyond 2038 (inodes.rst, "Timestamps").
  const hasMtimeExtra = bytes.length > 128 && u16(0x80) >= 0x0c;
  const mtimeEpoch = hasMtimeExtra ? u32(0x88) & 3 : 0;
  return {
    number,
    kind,
    mode: fullMode & 0o7777,
    uid: u16(0x02) + u16(0x78) * 0x10000,
    gid: u16(0x18) + u16(0x7a) * 0x10000,
    sizeBytes: u32(0x04) + u32(0x6c) * 2 ** 32,
    mtimeSeconds: view.getInt32(0x10, true) + mtimeEpoch * 2 ** 32,
    hasExtents: (flags & FLAG_EXTENTS) !== 0,
    blockArea: bytes.slice(0x28, 0x28 + 60),
    xattrBlock: u32(0x68) + u16(0x76) * 2 ** 32,
  };
}
