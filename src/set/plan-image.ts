import { createReadStream } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unpackImage } from '../base/unpack-image.ts';
import type { Context } from '../core/context.ts';
import { type CardPlace, patchCardPlace } from '../formats/card-settings/card-place.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { CARD_KEYS, STORED } from '../formats/card-settings/keys.ts';
import type { Patch } from '../formats/release-files/xz-stored.ts';
import { openFileToRead } from '../tools/disk/random-access.ts';
import { decompressXz } from '../tools/xz.ts';
import { findTarget, type SetTarget } from './find-target.ts';
import type { CardEdit } from './plan-edit.ts';
import { planDisk } from './set-disk.ts';

/** The change of one image file. */
export interface PlannedImage {
  readonly path: string;
  readonly format: 'img' | 'xz' | 'zst';
  readonly edit: CardEdit;
  readonly place: CardPlace;
  /** The bytes to change in the file; undefined for an .img.zst, which is compressed again. */
  readonly filePatches: readonly Patch[] | undefined;
  /** The bytes that change on the raw disk. */
  readonly diskPatches: readonly Patch[];
  /** The raw disk: the file itself, or one unpacked in the cache; undefined for an .img.xz, which is not unpacked. */
  readonly diskPath: string | undefined;
}

/** What an image file is called before its suffix, and the suffix. */
export interface ImageName {
  readonly stem: string;
  readonly suffix: string;
}

type ImageTarget = Extract<SetTarget, { kind: 'image' }>;

/**
 * Finds wwanpi.txt in an image file and plans its change. An .img.zst is unpacked into the cache for it.
 * @throws as `planDisk`
 */
export async function planImage(
  context: Context,
  { path, format }: ImageTarget,
  changes: CardValues,
): Promise<PlannedImage> {
  const diskPath =
    format === 'zst' ? (await unpackImage(context, path)).diskPath : format === 'img' ? path : undefined;
  const access = await openFileToRead(diskPath ?? path);
  try {
    const { place, ...edit } = await planDisk({ ...access, path }, changes);
    const patches = edit.lines.length === 0 ? [] : patchCardPlace(place, edit.content);
    const diskPatches =
      place.format === 'xz' && patches.length > 0
        ? [{ offsetBytes: place.block.imageOffsetBytes, bytes: edit.content }]
        : patches;
    const notes = [...edit.notes, ...(await findOpenSecrets(path, changes))];
    return {
      ...{ path, format, edit: { ...edit, notes }, place, diskPatches, diskPath },
      filePatches: format === 'zst' ? undefined : patches,
    };
  } finally {
    await access.close();
  }
}

/** wwanpi.txt holds a new password as it is, until the Pi starts. */
async function findOpenSecrets(path: string, changes: CardValues): Promise<string[]> {
  const hasSecret = CARD_KEYS.some(
    ({ key, secret }) => secret && !['', STORED].includes(changes.get(key) ?? ''),
  );
  const { mode } = await stat(path);
  if (!hasSecret || (mode & 0o044) === 0) return [];
  return [
    `anyone who can read ${path} finds the secret in it until a Pi has started with it: chmod 600 ${path}`,
  ];
}

/**
 * The same image beside it in another format: NAME.img beside NAME.img.xz. Release files describe both, so both change.
 * @returns those with the same settings, and the paths of those that have others
 */
export async function planSiblings(
  context: Context,
  main: PlannedImage,
  changes: CardValues,
): Promise<{ readonly same: readonly PlannedImage[]; readonly others: readonly string[] }> {
  const { stem } = splitName(main.path);
  const same: PlannedImage[] = [];
  const others: string[] = [];
  for (const suffix of IMAGE_SUFFIXES) {
    const path = join(dirname(main.path), `${stem}${suffix}`);
    const isFile = (await lstat(path).catch(() => undefined))?.isFile() === true;
    if (path === join(main.path) || !isFile) continue;
    const planned = await findTarget(path)
      .then((target) => planImage(context, target as ImageTarget, changes))
      .catch(() => undefined);
    // One that a run before this was to change, and was killed, has the new settings already.
    const isSame = planned !== undefined && Buffer.compare(planned.edit.content, main.edit.content) === 0;
    if (isSame) same.push(planned);
    else others.push(path);
  }
  return { same, others };
}

/** `gb-ee.img.xz` → `gb-ee`, `.img.xz`. */
export function splitName(path: string): ImageName {
  const name = basename(path);
  const suffix = IMAGE_SUFFIXES.find((each) => name.endsWith(each)) ?? '';
  return { stem: name.slice(0, name.length - suffix.length), suffix };
}

/** Of the image files that can be changed. */
export const IMAGE_SUFFIXES = ['.img.xz', '.img.zst', '.img'];

/** Passes the raw disk of an image, as it is, to `consume`. */
export function readDisk<T>(
  context: Context,
  { path, diskPath }: PlannedImage,
  consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  if (diskPath === undefined) return decompressXz(path, context.signal, consume);
  return consume(readFileChunks(diskPath, context.signal));
}

/** A file's content in pieces of a megabyte. */
export function readFileChunks(path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 1 << 20, signal });
}
