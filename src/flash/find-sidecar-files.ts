import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { explainFileError, InputError, VerificationError } from '../core/errors.ts';
import { type Bmap, parseBmap } from '../formats/release-files/bmap.ts';
import { findChecksum } from '../formats/release-files/checksums.ts';
import { hashFile } from '../tools/files/hash.ts';
import type { ImageFile } from './open-image.ts';

/** A block map, and the file it came from. */
export interface FoundBmap {
  readonly path: string;
  readonly bmap: Bmap;
}

/**
 * The names that bmaptool looks for beside an image, in its order (CLI.py, find_and_open_bmap): `.bmap` after the full
 * name, then after the name with one extension removed, and so on.
 */
export function bmapNames(imagePath: string): string[] {
  const names: string[] = [];
  for (let path = imagePath; ; path = path.slice(0, -extname(path).length)) {
    names.push(`${path}.bmap`);
    if (extname(path) === '') return names;
  }
}

/**
 * Finds the block map of an image.
 * @param wanted a file; `true` for the one beside the image, if any; `false` for none
 * @throws InputError when it cannot be read, is damaged, or belongs to an image of another size
 */
export async function findBmap(image: ImageFile, wanted: string | boolean): Promise<FoundBmap | undefined> {
  if (wanted === false) return undefined;
  for (const path of typeof wanted === 'string' ? [wanted] : bmapNames(image.path)) {
    const text = await readText(path);
    if (text === undefined && wanted === path) throw new InputError(`--bmap ${path}: no such file`);
    if (text !== undefined) return { path, bmap: readBmap(path, text, image) };
  }
  return undefined;
}

/** The result of comparing an image with the checksum published beside it. */
export type ChecksumState =
  | { readonly state: 'agrees'; readonly path: string }
  | { readonly state: 'not listed'; readonly path: string }
  | { readonly state: 'none' };

/**
 * Compares an image with the SHA256SUMS in its folder, or with `IMAGE.sha256` as Raspberry Pi publishes it. Runs
 * before anything is written, because hashing a file is ten times as fast as writing a card.
 * @throws VerificationError when the image differs from the published one
 */
export async function checkChecksum(
  imagePath: string,
  signal: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<ChecksumState> {
  const own = `${imagePath}.sha256`;
  const sums = join(dirname(imagePath), 'SHA256SUMS');
  let seen: string | undefined;
  for (const path of [own, sums]) {
    const text = await readText(path);
    if (text === undefined) continue;
    seen = path;
    const expected = findChecksum(text, basename(imagePath));
    if (expected === undefined) continue;
    const sha256 = await hashFile(imagePath, signal, onBytes);
    if (sha256 === expected) return { state: 'agrees', path };
    throw new VerificationError(`${imagePath} is not the file that ${path} lists`, {
      detail: `listed:  ${expected}\nis:      ${sha256}`,
      hint: 'fetch or build it again; nothing was written',
    });
  }
  return seen === undefined ? { state: 'none' } : { state: 'not listed', path: seen };
}

function readBmap(path: string, text: string, image: ImageFile): Bmap {
  const hint = '--no-bmap writes the whole image without it';
  let bmap: Bmap;
  try {
    bmap = parseBmap(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path}: ${error.message}`, { hint, cause: error });
  }
  if (image.diskBytes !== undefined && bmap.imageSizeBytes !== image.diskBytes) {
    throw new InputError(
      `${path} is the map of another image: it is for ${bmap.imageSizeBytes} bytes, ${image.path} has ${image.diskBytes}`,
      { hint },
    );
  }
  return bmap;
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new InputError(`cannot read ${path}: ${explainFileError(error)}`);
  });
}
