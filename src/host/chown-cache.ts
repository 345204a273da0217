import { lchown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Numeric user and group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The owner of a folder; of its nearest existing parent if the folder does not exist yet. */
export async function findOwner(folder: string): Promise<Owner> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined) return { uid: found.uid, gid: found.gid };
  return findOwner(dirname(folder));
}

/**
 * Gives files that root put into a user's cache to that user, who could not add to the cache otherwise. Does nothing
 * if the user is not root or the cache is root's. Links are changed, not followed.
 */
export async function chownCache(folder: string, owner: Owner): Promise<void> {
  if (process.getuid?.() !== 0 || owner.uid === 0) return;
  const visit = async (path: string): Promise<void> => {
    // Another run may remove its files meanwhile.
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) return;
    if (stats.uid === 0) await lchown(path, owner.uid, owner.gid).catch(ignoreGone);
    if (!stats.isDirectory()) return;
    for (const name of await readdir(path).catch(() => [])) await visit(join(path, name));
  };
  await visit(folder);
}

function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
