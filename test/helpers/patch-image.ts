import { open } from 'node:fs/promises';
import type { Context } from '../../src/core/context.ts';
import type { Disk } from '../../src/core/model.ts';

/** Runs debugfs commands that change the root of an image. */
export async function debugfs(context: Context, disk: Disk, ...commands: readonly string[]): Promise<string> {
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  const input = `${commands.join('\n')}\n`;
  return (await context.exec(['debugfs', '-w', '-f', '-', volume], { input })).stdout;
}

/** Where the inode of a path lies on the disk, in bytes. */
export async function locateInode(context: Context, disk: Disk, path: string): Promise<number> {
  const text = await debugfs(context, disk, `imap ${path}`);
  const match = /located at block (\d+), offset (0x[0-9a-f]+)/.exec(text);
  if (match === null) throw new Error(`debugfs does not say where ${path} is: ${text}`);
  const blockBytes =
    1024 << (await readBytes(disk, disk.layout.root.offsetBytes + 1024 + 0x18, 4)).readUInt32LE();
  return disk.layout.root.offsetBytes + Number(match[1]) * blockBytes + Number(match[2]);
}

/** Bytes of a disk. */
export async function readBytes(disk: Pick<Disk, 'path'>, offset: number, length: number): Promise<Buffer> {
  const file = await open(disk.path);
  try {
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, offset);
    return bytes;
  } finally {
    await file.close();
  }
}

/** Writes over bytes of a disk. */
export async function patch(disk: Pick<Disk, 'path'>, offset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(disk.path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
}

/** Where the entry with that short name (eleven characters, `NAME    EXT`) lies among the first 64 KiB of the boot partition's data. */
export async function locateFatEntry(disk: Disk, shortName: string): Promise<number> {
  const { offsetBytes, sizeBytes } = disk.layout.boot;
  const bytes = await readBytes(disk, offsetBytes, sizeBytes);
  // Behind the boot sector and both FATs.
  for (let at = 512; at < bytes.length; at += 32) {
    if (bytes.toString('latin1', at, at + 11) === shortName) return offsetBytes + at;
  }
  throw new Error(`no entry ${shortName}`);
}
