import { InputError } from '../../core/errors.ts';

/** Extended attributes by their full names, such as `security.capability`. */
export type Xattrs = ReadonlyMap<string, Uint8Array>;

const MAGIC = 0xea020000;
const ENTRY_BYTES = 16;
/** What stands for the beginning of a name (kernel: fs/ext4/xattr.h); 9 and 11 are never shown by Linux. */
const PREFIXES: Readonly<Record<number, string>> = {
  0: '',
  1: 'user.',
  2: 'system.posix_acl_access',
  3: 'system.posix_acl_default',
  4: 'trusted.',
  6: 'security.',
  7: 'system.',
  8: 'system.richacl',
  9: 'encryption.',
  10: 'gnu.',
  11: 'verity.',
};

/**
 * The attributes that an inode has after its own fields.
 * @param inode all its bytes
 * @throws InputError when they are damaged
 */
export function parseInodeXattrs(inode: Uint8Array): Xattrs {
  const view = new DataView(inode.buffer, inode.byteOffset, inode.length);
  if (inode.length < 132) return new Map();
  const start = 128 + view.getUint16(0x80, true);
  if (start + 8 > inode.length || view.getUint32(start, true) !== MAGIC) return new Map();
  // Values are counted from the first entry on.
  return parseEntries(inode.subarray(start + 4), 0);
}

/**
 * The attributes in the block that an inode points to.
 * @throws InputError when it is not such a block, or damaged
 */
export function parseXattrBlock(block: Uint8Array): Xattrs {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  if (view.getUint32(0, true) !== MAGIC) throw damaged();
  return parseEntries(block, 32);
}

/** @param area the bytes from whose start the offsets of values count */
function parseEntries(area: Uint8Array, first: number): Xattrs {
  const view = new DataView(area.buffer, area.byteOffset, area.length);
  const found = new Map<string, Uint8Array>();
  for (let at = first; at + 4 <= area.length && view.getUint32(at, true) !== 0; ) {
    if (at + ENTRY_BYTES > area.length) throw damaged();
    const nameLength = view.getUint8(at);
    const index = view.getUint8(at + 1);
    // The kernel passes over one it does not know; it is a difference all the same.
    const prefix = PREFIXES[index] ?? `${index}.`;
    const offset = view.getUint16(at + 2, true);
    const inode = view.getUint32(at + 4, true);
    const size = view.getUint32(at + 8, true);
    const next = at + ENTRY_BYTES + Math.ceil(nameLength / 4) * 4;
    const isInside = inode !== 0 || offset + size <= area.length;
    if (next > area.length || !isInside) throw damaged();
    const name = Buffer.from(area.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength)).toString('utf8');
    // A large value is in another inode (ea_inode), whose hash is in this field, as in the kernel.
    const value = inode === 0 ? area.slice(offset, offset + size) : area.slice(at + 4, at + ENTRY_BYTES);
    found.set(`${prefix}${name}`, value);
    at = next;
  }
  return found;
}

function damaged(): InputError {
  return new InputError('the root file system is damaged: extended attributes have broken records');
}
