import { InputError } from '../../core/errors.ts';

/** One name in a directory. */
export interface Ext4DirectoryEntry {
  readonly inode: number;
  /** Each byte a character (latin1), since Linux names need not be UTF-8. */
  readonly rawName: string;
}

/**
 * The entries of one directory block, without `.` and `..`
 * (kernel: Documentation/filesystems/ext4/directory.rst). Index blocks of hashed directories and checksum
 * tails look like unused entries, so reading every block in turn gives every name.
 * @throws InputError when the records do not fill the block exactly
 */
export function parseExt4DirectoryBlock(block: Uint8Array): readonly Ext4DirectoryEntry[] {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
  const entries: Ext4DirectoryEntry[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 8 > bytes.length) throw damaged();
    const inode = bytes.readUInt32LE(offset);
    const storedLength = bytes.readUInt16LE(offset + 4);
    const length =
      bytes.length === 65536 && (storedLength === 0xffff || storedLength === 0) ? 65536 : storedLength;
    const nameLength = bytes.readUInt8(offset + 6);
    if (length < 8 || length % 4 !== 0 || offset + length > bytes.length) throw damaged();
    if (inode !== 0) {
      if (nameLength === 0 || nameLength + 8 > length) throw damaged();
      const rawName = bytes.toString('latin1', offset + 8, offset + 8 + nameLength);
      if (/[\0/]/.test(rawName)) throw damaged();
      if (rawName !== '.' && rawName !== '..') entries.push({ inode, rawName });
    }
    offset += length;
  }
  return entries;
}

/** An entry's name as text. */
export function getName({ rawName }: Ext4DirectoryEntry): string {
  return Buffer.from(rawName, 'latin1').toString('utf8');
}

function damaged(): InputError {
  return new InputError('the root file system is damaged: a directory has broken records');
}
