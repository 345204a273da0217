/** A file, folder or link of an initramfs. Paths have no leading slash. */
export interface CpioEntry {
  readonly path: string;
  /** Type and permission bits, as in stat(2): 0o100755, 0o040755, 0o120777. */
  readonly mode: number;
  /** Contents of a file, target of a link. */
  readonly data?: Uint8Array;
}

const TRAILER = 'TRAILER!!!';

/**
 * An archive as the kernel unpacks its initramfs from: cpio "newc", everything owned by root and dated 0,
 * so that the same entries give the same bytes. Folders have to come before what is in them.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
 */
export function encodeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, at) => encodeEntry(entry, at + 1));
  return Buffer.concat([...parts, ...encodeEntry({ path: TRAILER, mode: 0 }, 0)]);
}

function encodeEntry({ path, mode, data = new Uint8Array() }: CpioEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & 0o170000) === 0o040000 ? 2 : 1;
  const numbers = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const head = `070701${numbers.map((each) => each.toString(16).padStart(8, '0')).join('')}`;
  return [Buffer.from(head), name, padding(head.length + name.length), data, padding(data.length)];
}

/** To the next multiple of four. */
function padding(length: number): Buffer {
  return Buffer.alloc(-length & 3);
}
