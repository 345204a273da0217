import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { discard } from '../tools/files/discard.ts';
import { findFault, sealFolder, toReadFault } from '../tools/files/folder-sums.ts';
import { hashFile } from '../tools/files/hash.ts';
import { removeStale } from '../tools/files/stale.ts';

/** Where a cached thing lies, and whether it was there already. */
export interface CacheEntry {
  /** A folder, not to be changed by its users. */
  readonly path: string;
  readonly hit: boolean;
}

/** How an entry shows that it is what was put there. */
export interface Proof {
  /** Before a new entry gets its name. */
  readonly seal: (folder: string, signal: AbortSignal) => Promise<void>;
  /** What is wrong with one that was there, as "disk.json is missing"; undefined where nothing is. */
  readonly findFault: (folder: string, signal: AbortSignal) => Promise<string | undefined>;
}

const STALE_MS = 3_600_000;

/** The entry has a list of all it holds, with hashes. */
const SUMS: Proof = { seal: sealFolder, findFault };

/**
 * The entry `key` of the cache section `section`, made by `produce` when it is not there yet, or not what was put there.
 *
 * `produce` fills an empty folder beside the entry; only a whole one is renamed to its name, so a kill at
 * any moment leaves no torn entry. Two runs at once may both produce; the first to finish wins.
 * @param section such as `downloads`, `bases`, `sysroots`, `libqmi`
 * @param key file-name-safe; by custom the hash of everything the entry is made from
 * @param proof by default all of it is hashed, before it is used
 */
export async function cached(
  context: Context,
  section: string,
  key: string,
  produce: (folder: string) => Promise<void>,
  proof: Proof = SUMS,
): Promise<CacheEntry> {
  const found = await findCached(context, section, key, proof);
  if (found !== undefined) return { path: found, hit: true };
  const path = join(context.cacheDir, section, key);
  const folder = join(context.cacheDir, section, `.partial-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  await removeStale(join(context.cacheDir, section), /^\.partial-(\d+)-/, STALE_MS);
  try {
    await produce(folder);
    await proof.seal(folder, context.signal);
    await rename(folder, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return { path, hit: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The path of an entry that is there and as it was put there; a damaged one is removed, with a warning.
 * @throws VerificationError where it can't be removed
 */
export async function findCached(
  context: Context,
  section: string,
  key: string,
  proof: Proof = SUMS,
): Promise<string | undefined> {
  const path = join(context.cacheDir, section, key);
  if ((await lstat(path).catch(() => undefined)) === undefined) return undefined;
  const fault = await proof.findFault(path, context.signal);
  if (fault === undefined) return path;
  await discard(context, path, fault);
  return undefined;
}

/** Of an entry whose key is the SHA-256 of the one file that it holds. */
export function proveContent(fileName: string, sha256: string): Proof {
  return {
    seal: async () => undefined,
    findFault: async (folder, signal) => {
      const found = await hashFile(join(folder, fileName), signal).catch(toReadFault);
      return found === sha256 ? undefined : `${fileName} has changed`;
    },
  };
}
