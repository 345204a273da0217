import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../core/context.ts';

/** The name under which a disk lies in a disk folder. */
export const DISK_NAME = 'disk.img';

/**
 * Gives `use` a folder, gone afterwards, in which the disk is called `disk.img`. Programs run in it with
 * that name, since debugfs splits a path at `?` and mtools at `@@`, whatever folder the user keeps images in.
 */
export async function withDiskFolder<T>(
  context: Context,
  diskPath: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(context.tmpDir, 'disk-'));
  try {
    await symlink(resolve(diskPath), join(folder, DISK_NAME));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
