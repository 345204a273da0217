import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachedThing } from './cache-content.ts';
import { removeThings } from './prune-cache.ts';

/** How much a section of the cache may take. */
export interface SectionBound {
  readonly maxBytes: number;
  /** Another run may have found an entry and not opened it yet, so one that was used in this time stays. */
  readonly inUseMs?: number;
}

const IN_USE_MS = 600_000;

/**
 * Removes the least recently used entries of a section until the others are within the bound. An entry is a folder of
 * files; one whose name begins with a dot is not complete yet. Another user's entries stay.
 */
export async function boundSection(
  cacheDir: string,
  section: string,
  { maxBytes, inUseMs = IN_USE_MS }: SectionBound,
): Promise<void> {
  const folder = join(cacheDir, section);
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const entries: CachedThing[] = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      return { section, name, usedMs: mtimeMs, bytes: await measureFiles(path) };
    }),
  );
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries.sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= maxBytes || Date.now() - entry.usedMs < inUseMs) return;
    await removeThings(cacheDir, [entry]);
    bytes -= entry.bytes;
  }
}

/** What the files of a folder take of the disk; a hole takes nothing. */
async function measureFiles(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.blocks ?? 0),
  );
  return sizes.reduce((sum, blocks) => sum + blocks * 512, 0);
}
