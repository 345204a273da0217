import { utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../core/context.ts';
import { boundSection, type SectionBound } from '../host/bound-section.ts';
import { detectFormat } from '../tools/archive.ts';
import type { BaseImage } from './fetch-base.ts';
import { fetchProvenBase } from './prove-base.ts';

/** Holds about ten Lite images. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
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
  { maxBytes = MAX_UNPACKED_BYTES, ...bound }: Partial<SectionBound> = {},
): Promise<BaseImage> {
  const own = { ...context, cacheDir: join(context.cacheDir, SECTION) };
  const image = await fetchProvenBase(own, path);
  const entry = dirname(image.diskPath);
  if (!entry.startsWith(own.cacheDir)) return image;
  const now = new Date();
  // Another user's entry can be read, but its time cannot be set.
  await utimes(entry, now, now).catch(() => undefined);
  await boundSection(own.cacheDir, basename(dirname(entry)), { maxBytes, ...bound });
  return image;
}
