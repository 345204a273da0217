import { lchown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Numeric user and group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whose a folder is, or will be: the owner of the nearest folder that is there. */
export async function findOwner(folder: string): Promise<Owner> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined) return { uid: found.uid, gid: found.gid };
  return findOwner(dirname(folder));
}

/**
 * Gives what root put into a cache to the user whose cache it is, who could not add to it otherwise. Does nothing for
 * another user than root, nor where the cache is root's. Links are changed, not followed.
 */
export async function chownCache(folder: string, owner: Owner): Promise<void> {
  if (process.getuid?.() !== 0 || owner.uid === 0) return;
  const visit = async (path: string): Promise<void> => {
    // Another run may remove what it made meanwhile.
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
