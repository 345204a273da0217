import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { removeStale } from '../tools/files/stale.ts';

/** The path of a cache entry, and whether it existed before. */
export interface CacheEntry {
  /** A folder, not to be changed by its users. */
  readonly path: string;
  readonly hit: boolean;
}

const STALE_MS = 3_600_000;

/**
 * The entry `key` of the cache section `section`, made by `produce` if it does not exist.
 *
 * `produce` fills an empty folder beside the entry. The folder is renamed only when it is complete, so a kill at
 * any moment leaves no partial entry. Two runs at once may both produce; the first to finish wins.
 * @param section such as `downloads`, `bases`, `sysroots`, `libqmi`
 * @param key safe as a file name; usually the hash of everything the entry is made from
 */
export async function cached(
  context: Context,
  section: string,
  key: string,
  produce: (folder: string) => Promise<void>,
): Promise<CacheEntry> {
  const path = join(context.cacheDir, section, key);
  if (await exists(path)) return { path, hit: true };
  const folder = join(context.cacheDir, section, `.partial-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  await removeStale(join(context.cacheDir, section), /^\.partial-(\d+)-/, STALE_MS);
  try {
    await produce(folder);
    await rename(folder, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return { path, hit: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
