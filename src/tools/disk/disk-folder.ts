import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../core/context.ts';

/** The name of the disk in a disk folder. */
export const DISK_NAME = 'disk.img';

/**
 * Gives `use` a temporary folder in which the disk is called `disk.img`. Programs run there with that name, because
 * debugfs splits a path at `?` and mtools at `@@`, and the user's path may contain either.
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
