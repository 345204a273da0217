import { readdir, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../core/context.ts';
import type { CachedThing } from '../host/cache-content.ts';
import { removeThings } from '../host/prune-cache.ts';
import { detectFormat } from '../tools/archive.ts';
import type { BaseImage } from './fetch-base.ts';
import { fetchProvenBase } from './prove-base.ts';

/** Holds about ten Lite images. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
/** Another run may have found an entry and not opened it yet, so one that was used in this time stays. */
const IN_USE_MS = 600_000;
const SECTION = 'unpacked';

/**
 * The raw disk of an image file: the file itself, or what an archive has in it, unpacked into the cache. The next time
 * it comes from there, checked against its SHA-256.
 * @returns the path of the disk, which must not be written to
 * @throws InputError when the file is no image, or is damaged; DiskError when there is no room for the disk
 */
export async function findRawDisk(context: Context, path: string): Promise<string> {
  return (await detectFormat(path)) === 'img' ? path : (await unpackImage(context, path)).diskPath;
}

/**
 * As `findRawDisk`, with the SHA-256 of the disk. An image is cached in a section of its own: a base stays in the cache,
 * an image only until others need its room.
 */
export async function unpackImage(
  context: Context,
  path: string,
  { maxBytes = MAX_UNPACKED_BYTES, inUseMs = IN_USE_MS } = {},
): Promise<BaseImage> {
  const own = { ...context, cacheDir: join(context.cacheDir, SECTION) };
  const image = await fetchProvenBase(own, path);
  const entry = dirname(image.diskPath);
  if (!entry.startsWith(own.cacheDir)) return image;
  const now = new Date();
  // Another user's entry can be read, but its time cannot be set.
  await utimes(entry, now, now).catch(() => undefined);
  await prune(own.cacheDir, basename(dirname(entry)), maxBytes, inUseMs);
  return image;
}

/** Removes the least recently used entries until the others are within the limit. Another user's entries stay. */
async function prune(cacheDir: string, section: string, maxBytes: number, inUseMs: number): Promise<void> {
  const folder = join(cacheDir, section);
  const entries: CachedThing[] = await Promise.all(
    // A hidden one is not complete yet.
    (await readdir(folder))
      .filter((name) => !name.startsWith('.'))
      .map(async (name) => {
        const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }));
        const { blocks } = await stat(join(folder, name, 'disk.img')).catch(() => ({ blocks: 0 }));
        return { section, name, usedMs: mtimeMs, bytes: blocks * 512 };
      }),
  );
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries.sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= maxBytes || Date.now() - entry.usedMs < inUseMs) return;
    await removeThings(cacheDir, [entry]);
    bytes -= entry.bytes;
  }
}
