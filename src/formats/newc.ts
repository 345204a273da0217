/** One member of an initramfs. `path` is relative, without a leading slash. */
export type NewcEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

const TYPE = { file: 0o100000, symlink: 0o120000, directory: 0o040000 } as const;

/**
 * A cpio archive in the "newc" format, which the kernel unpacks as an initramfs (linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst). Owners are 0:0, dates `epochSeconds`, inode
 * numbers follow the order, so the same entries give the same bytes. Parents must come before their members.
 */
export function formatNewc(entries: readonly NewcEntry[], epochSeconds: number): Uint8Array {
  const parts = entries.map((entry, index) => formatEntry(entry, index + 1, epochSeconds));
  parts.push(formatMember({ path: 'TRAILER!!!', mode: 0, links: 1, inode: 0, time: 0 }, new Uint8Array()));
  return Buffer.concat(parts);
}

function formatEntry(entry: NewcEntry, inode: number, time: number): Buffer {
  const permissions = entry.kind === 'symlink' ? 0o777 : entry.mode;
  const links = entry.kind === 'directory' ? 2 : 1;
  const header = { path: entry.path, mode: TYPE[entry.kind] | permissions, links, inode, time };
  if (entry.kind === 'file') return formatMember(header, entry.content);
  return formatMember(header, entry.kind === 'symlink' ? Buffer.from(entry.target) : new Uint8Array());
}

interface Header {
  readonly path: string;
  readonly mode: number;
  readonly links: number;
  readonly inode: number;
  readonly time: number;
}

function formatMember(header: Header, content: Uint8Array): Buffer {
  const name = Buffer.from(`${header.path}\0`);
  const { inode, mode, links, time } = header;
  const fields = [inode, mode, 0, 0, links, time, content.length, 0, 0, 0, 0, name.length, 0];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return Buffer.concat([pad4(Buffer.concat([head, name])), pad4(content)]);
}

function pad4(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
