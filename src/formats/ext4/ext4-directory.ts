import { InputError } from '../../core/errors.ts';

/** One entry of a directory. Its name is bytes, because Linux names need not be UTF-8. */
export interface Ext4DirectoryEntry {
  readonly inode: number;
  readonly name: Uint8Array;
}

/**
 * The entries of one directory block, without `.` and `..`
 * (kernel: Documentation/filesystems/ext4/directory.rst). Index blocks of hashed directories and checksum
 * tails look like unused entries, so reading every block in turn gives every name.
 * @throws InputError when the records do not fill the block exactly
 */
export function parseExt4DirectoryBlock(block: Uint8Array): readonly Ext4DirectoryEntry[] {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const entries: Ext4DirectoryEntry[] = [];
  let offset = 0;
  while (offset < block.length) {
    if (offset + 8 > block.length) throw damaged();
    const inode = view.getUint32(offset, true);
    const storedLength = view.getUint16(offset + 4, true);
    const length =
      block.length === 65536 && (storedLength === 0xffff || storedLength === 0) ? 65536 : storedLength;
    const nameLength = view.getUint8(offset + 6);
    if (length < 8 || length % 4 !== 0 || offset + length > block.length) throw damaged();
    if (inode !== 0) {
      if (nameLength === 0 || nameLength + 8 > length) throw damaged();
      const name = block.slice(offset + 8, offset + 8 + nameLength);
      if (name.includes(0) || name.includes(0x2f)) throw damaged();
      if (!isDotName(name)) entries.push({ inode, name });
    }
    offset += length;
  }
  return entries;
}

function isDotName(name: Uint8Array): boolean {
  return name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
}

function damaged(): InputError {
  return new InputError('the root file system is damaged: a directory has broken records');
}
