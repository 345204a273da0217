import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../core/errors.ts';
import { findForeignOwner, findOwner } from './foreign-cache.ts';
import { RUNS_SECTION } from './run-mark.ts';

/** One thing in the cache that is used, and can be removed, as a whole. */
export interface CachedThing {
  /** The folder of the cache that it is in: `bases`. */
  readonly section: string;
  /** Its path below the section. */
  readonly name: string;
  /** What it takes of the disk; a hole takes nothing. */
  readonly bytes: number;
  /** When it was last used, as far as the file system tells: milliseconds since 1970. */
  readonly usedMs: number;
}

/** What a section of the cache has, in words; in the order of a listing. */
export const CACHE_SECTIONS: Readonly<Record<string, string>> = {
  bases: "bases built from Debian's packages",
  disks: 'bases, unpacked',
  downloads: 'bases and sources, as downloaded',
  unpacked: 'images, unpacked for boot and inspect',
  libqmi: 'libqmi, compiled',
  'libqmi-sources': 'libqmi sources',
  sysroots: 'sysroots for libqmi',
  sources: 'Debian source packages',
  debs: 'Debian packages',
  apt: 'package lists',
  blocks: 'compressed blocks of images',
  'guest-kernels': 'kernels for boot tests',
  'boot-initrds': 'initrds for boot tests',
  snapshots: 'booted guests for boot tests',
  boots: 'records of boot tests',
  logs: 'logs',
};

/** An entry is a child of its section's folder, but here it lies deeper: `blocks/xz-9/ab/abcd…`, `unpacked/disks/HASH`. */
const DEEP_SECTIONS: Readonly<Record<string, number>> = { blocks: 3, unpacked: 2 };

/**
 * Everything in a cache, without following a link. Nothing is opened, so no time of use changes.
 * @returns empty if there is no cache
 * @throws InputError if the cache is another user's
 */
export async function readCacheContent(cacheDir: string): Promise<CachedThing[]> {
  await assertOwnCache(cacheDir);
  const sections = (await listFolder(cacheDir)).filter(
    ({ name, isFolder }) => isFolder && name !== RUNS_SECTION,
  );
  const found: CachedThing[] = [];
  for (const { name: section } of sections) {
    const depth = DEEP_SECTIONS[section] ?? 1;
    for (const name of await listEntries(join(cacheDir, section), depth)) {
      const use = await measure(join(cacheDir, section, name));
      if (use !== undefined) found.push({ section, name, ...use });
    }
  }
  return found;
}

/** Root does not read or write another user's cache, and nobody else could remove anything there. */
async function assertOwnCache(cacheDir: string): Promise<void> {
  const owner = (await findForeignOwner(cacheDir)) ?? (await findOwner(cacheDir));
  if ((await lstat(cacheDir).catch(() => undefined)) === undefined || owner.uid === process.getuid?.())
    return;
  throw new InputError(`${cacheDir} is the cache of another user (uid ${owner.uid})`, {
    hint: 'run the command as that user',
  });
}

interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

async function listFolder(path: string): Promise<FolderEntry[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // Another run removed it, or it is not ours to read.
    if (error.code === 'ENOENT' || error.code === 'EACCES') return [];
    throw error;
  });
  return entries
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The paths of entries `depth` folders below a folder. A file above that depth is an entry too. */
async function listEntries(folder: string, depth: number): Promise<string[]> {
  const entries = await listFolder(folder);
  if (depth === 1) return entries.map(({ name }) => name);
  const below = await Promise.all(
    entries.map(async ({ name, isFolder }) =>
      isFolder ? (await listEntries(join(folder, name), depth - 1)).map((rest) => join(name, rest)) : [name],
    ),
  );
  return below.flat();
}

/**
 * Size and last use of an entry. wwanpi sets the time of an entry's folder when it uses it; where it does not, the time
 * at which the entry's files were read tells, to a day (relatime of mount(8)).
 */
async function measure(path: string): Promise<{ bytes: number; usedMs: number } | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  // What a folder itself takes differs between file systems, and is next to nothing.
  const own = { bytes: stats.isDirectory() ? 0 : stats.blocks * 512, usedMs: stats.mtimeMs };
  if (!stats.isDirectory())
    return stats.isFile() ? { ...own, usedMs: Math.max(own.usedMs, stats.atimeMs) } : own;
  let { bytes, usedMs } = own;
  for (const { name } of await listFolder(path)) {
    const part = await measure(join(path, name));
    bytes += part?.bytes ?? 0;
    usedMs = Math.max(usedMs, part?.usedMs ?? 0);
  }
  return { bytes, usedMs };
}
