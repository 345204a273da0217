import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { explainFileError, InputError } from '../core/errors.ts';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import { detectFormat } from '../tools/archive.ts';

/** What `wwanpi set` changes. */
export type SetTarget =
  /** wwanpi.txt itself, in the mounted boot folder of a card. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'device'; readonly path: string }
  | { readonly kind: 'image'; readonly path: string; readonly format: 'img' | 'xz' | 'zst' };

/**
 * Finds what a path names: an image, a card's device, its mounted boot folder, or the wwanpi.txt in there.
 * @throws InputError when it is none of them
 */
export async function findTarget(named: string): Promise<SetTarget> {
  // What a link names is changed, not the link.
  const path = await realpath(named).then(
    (real) => (isLinkFree(named, real) ? named : real),
    (error: NodeJS.ErrnoException) => {
      throw new InputError(`cannot read ${named}: ${explainFileError(error)}`, { hint: WHAT });
    },
  );
  const stats = await stat(path);
  if (stats.isBlockDevice()) return { kind: 'device', path };
  if (stats.isDirectory()) return { kind: 'file', path: await findInFolder(path) };
  if (isCardName(basename(path))) return { kind: 'file', path: await assertPlain(path) };
  const format = await detectFormat(path);
  if (format === 'gz' || format === 'zip') {
    throw new InputError(`${path} is a .${format}, which cannot be changed`, {
      hint: `unpack it, then name the .img: ${format === 'gz' ? 'gunzip' : 'unzip'} ${path}`,
    });
  }
  return { kind: 'image', path, format };
}

const WHAT =
  "name an .img, .img.xz or .img.zst, a card such as /dev/sdb, or the folder where the card's boot partition is mounted";

async function findInFolder(folder: string): Promise<string> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read ${folder}: ${explainFileError(error)}`);
  });
  const found = names.filter(isCardName);
  const [name] = found;
  if (name === undefined) {
    const isBoot = names.some((each) => /^(cmdline\.txt|config\.txt)$/i.test(each));
    throw new InputError(
      `${folder} has no ${CARD_FILE}${isBoot ? ': its image was made by an older wwanpi, or by another program' : ''}`,
      { hint: isBoot ? BUILD_AGAIN : "name the folder where the card's boot partition is mounted" },
    );
  }
  if (found.length > 1) throw new InputError(`${folder} has ${found.join(' and ')}; remove all but one`);
  return assertPlain(join(folder, name));
}

/** Whether a path has no link in it, so that messages can show it as it was typed. */
function isLinkFree(named: string, real: string): boolean {
  return resolve(named) === real;
}

/** A FAT volume has no links; a folder that has one is no boot partition. */
async function assertPlain(path: string): Promise<string> {
  if ((await lstat(path)).isFile()) return path;
  throw new InputError(`${path} is not a plain file`, { hint: WHAT });
}

/** FAT ignores case, and Windows hides `.txt`, so that people add another one; the Pi reads all of these. */
function isCardName(name: string): boolean {
  return /^wwanpi\.txt(\.txt)?$/i.test(name);
}

/** What to do about an image that has no settings to change. */
export const BUILD_AGAIN = 'build the image again: wwanpi build puts a wwanpi.txt into it';
