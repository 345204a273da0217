import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readVariable } from '../core/environment.ts';
import { BugError } from '../core/errors.ts';
import { removeStale } from '../tools/files/stale.ts';

/** Numeric user and group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner of a cache, if this process is root and the cache is another user's. That user can have planted anything in
 * it, including links, and can change it at any time, so root must not read or write there.
 * @returns undefined for root's own cache, and always for users other than root
 */
export async function findForeignOwner(cacheDir: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await findOwner(cacheDir);
  if (owner.uid !== 0) return owner;
  for (const name of await readdir(cacheDir).catch(() => [])) {
    const found = await stat(join(cacheDir, name)).catch(() => undefined);
    if (found !== undefined && found.uid !== 0) return { uid: found.uid, gid: found.gid };
  }
  return undefined;
}

/** The owner of a folder; of its nearest existing parent if it does not exist. */
export async function findOwner(folder: string): Promise<Owner> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined) return { uid: found.uid, gid: found.gid };
  return findOwner(dirname(folder));
}

/**
 * Makes a folder for one run that only root can enter, in a folder that only root can rename it in. /var/tmp is usually on
 * a disk; building a base takes 2 GB there.
 */
export async function makePrivateFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  for (const parent of [readVariable('TMPDIR') ?? '/var/tmp', '/var/tmp', '/tmp']) {
    const found = await stat(parent).catch(() => undefined);
    if (found?.uid !== 0) continue;
    await removeStale(parent, /^wwanpi-root-(\d+)-/);
    const path = await mkdtemp(join(parent, `wwanpi-root-${process.pid}-`));
    return { path, remove: () => rm(path, { recursive: true, force: true }) };
  }
  throw new BugError('neither /var/tmp nor /tmp belongs to root');
}
