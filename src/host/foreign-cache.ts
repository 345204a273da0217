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
 * Whose a cache is, where root was given that of somebody else: what lies there, that user can have put there, links to
 * anywhere as well, and can change it at any moment. Root reads and writes nothing in it.
 * @returns undefined for root's own cache, and always for another user than root
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

/** Whose a folder is, or will be: the owner of the nearest folder that is there. */
export async function findOwner(folder: string): Promise<Owner> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined) return { uid: found.uid, gid: found.gid };
  return findOwner(dirname(folder));
}

/** A folder that nobody but root can enter or move away, for one run; on a disk, since a base takes 2 GB on the way. */
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
