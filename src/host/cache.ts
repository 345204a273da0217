import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { discard } from '../tools/files/discard.ts';
import { findFault, sealFolder, toReadFault } from '../tools/files/folder-sums.ts';
import { hashFile } from '../tools/files/hash.ts';
import { noteUse } from '../tools/files/note-use.ts';
import { makePartialName, PARTIAL_NAME, settleFolder } from '../tools/files/partial.ts';
import { removeStale } from '../tools/files/stale.ts';

/** The path of a cache entry, and whether it existed before. */
export interface CacheEntry {
  /** A folder, not to be changed by its users. */
  readonly path: string;
  readonly hit: boolean;
}

/** How to find out whether an entry is unchanged. */
export interface Proof {
  /** Called before a new entry gets its name. */
  readonly seal: (folder: string, signal: AbortSignal) => Promise<void>;
  /** The damage of an existing entry, such as "disk.json is missing"; undefined if there is none. */
  readonly findFault: (folder: string, signal: AbortSignal) => Promise<string | undefined>;
}

const STALE_MS = 3_600_000;

/** The entry contains a list of its files with their hashes. */
const SUMS: Proof = { seal: sealFolder, findFault };

/**
 * The entry `key` of the cache section `section`, made by `produce` if it does not exist or is damaged.
 *
 * `produce` fills an empty folder beside the entry. The folder is renamed only when it is complete, so a kill at
 * any moment leaves no partial entry. Two runs at once may both produce; the first to finish wins.
 * @param section such as `downloads`, `bases`, `sysroots`, `libqmi`
 * @param key safe as a file name; usually the hash of everything the entry is made from
 * @param proof by default every file of an existing entry is hashed
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
  const folder = join(context.cacheDir, section, makePartialName());
  await mkdir(folder, { recursive: true });
  await removeStale(join(context.cacheDir, section), PARTIAL_NAME, STALE_MS);
  try {
    await produce(folder);
    await proof.seal(folder, context.signal);
    await settleFolder(folder, path);
    return { path, hit: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The path of an existing, undamaged entry. A damaged one is removed, with a warning.
 * @throws VerificationError if it cannot be removed
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
  if (fault === undefined) {
    await noteUse(path);
    return path;
  }
  await discard(context, path, fault);
  return undefined;
}

/** For an entry of one file whose SHA-256 is the key. */
export function proveContent(fileName: string, sha256: string): Proof {
  return {
    seal: async () => undefined,
    findFault: async (folder, signal) => {
      const found = await hashFile(join(folder, fileName), signal).catch(toReadFault);
      return found === sha256 ? undefined : `${fileName} has changed`;
    },
  };
}
