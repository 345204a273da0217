import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../core/errors.ts';
import type { ReleaseFile } from '../core/model.ts';
import { findMainFile } from '../core/model.ts';
import { parseFleetJson } from '../fleet/fleet-state.ts';
import type { CatalogueCarrier } from './catalogue.ts';

/** A finished image in a folder's list. */
export interface ListedImage {
  readonly name: string;
  /** Undefined if the list does not name its carrier. */
  readonly carrier: CatalogueCarrier | undefined;
  readonly files: readonly ReleaseFile[];
}

/** The images that a folder lists. */
export interface ImageList {
  readonly images: readonly ListedImage[];
  /** Names of the images that failed. */
  readonly failed: readonly string[];
}

/**
 * Lists the finished images of an output folder, from fleet.json or, if there is none, from the manifests.
 * @param names of the folder's files
 * @param sums of its SHA256SUMS
 * @throws InputError when the list was not written by wwanpi
 */
export async function listImages(
  folder: string,
  names: readonly string[],
  sums: ReadonlyMap<string, string>,
): Promise<ImageList> {
  const list = names.includes('fleet.json')
    ? readFleet(join(folder, 'fleet.json'), await readFile(join(folder, 'fleet.json'), 'utf8'))
    : { images: await readBuilds(folder, names, sums), failed: [] };
  checkNames(folder, list.images);
  return list;
}

/** A file's size; undefined if it does not exist. */
export async function getSize(path: string): Promise<number | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found?.isFile() ? found.size : undefined;
}

function readFleet(path: string, text: string): ImageList {
  const results = parseFleetJson(text);
  if (results === undefined) {
    throw new InputError(`${path} was not written by wwanpi fleet`, {
      hint: 'run wwanpi fleet again to write it anew',
    });
  }
  return {
    images: results
      .filter(({ verdict }) => verdict !== 'failed')
      .map(({ name, carrier, files }) => ({ name, carrier, files })),
    failed: results.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name),
  };
}

/**
 * Names become parts of URLs and of commands that people copy, so only the names that --name allows are accepted
 * (`parse-recipe.ts`).
 */
function checkNames(folder: string, images: readonly ListedImage[]): void {
  const names = images.flatMap(({ name, files }) => [name, ...files.map((file) => file.name)]);
  const odd = names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
  if (odd.length === 0) return;
  throw new InputError(`${folder} lists ${JSON.stringify(odd[0])}, which is not a valid name of an image`, {
    hint: 'run wwanpi fleet again, or remove it from the list',
  });
}

/** The files that can be beside NAME.manifest.json. */
const SUFFIXES: readonly (readonly [suffix: string, kind: ReleaseFile['kind']])[] = [
  ['.img.xz', 'packed'],
  ['.img.zst', 'packed'],
  ['.img', 'image'],
  ['.bmap', 'bmap'],
  ['.manifest.json', 'manifest'],
  ['.sbom.json', 'sbom'],
];

/** The images of `wwanpi build`: SHA256SUMS has the hashes of their files. */
async function readBuilds(
  folder: string,
  names: readonly string[],
  sums: ReadonlyMap<string, string>,
): Promise<ListedImage[]> {
  const images = names
    .filter((name) => name.endsWith('.manifest.json'))
    .map((name) => name.slice(0, -'.manifest.json'.length));
  const entries = await Promise.all(
    images.map(async (name) => {
      const found = SUFFIXES.map(([suffix, kind]) => ({ name: `${name}${suffix}`, kind }));
      const files = found.flatMap((file) => {
        const sha256 = sums.get(file.name);
        return sha256 === undefined ? [] : [{ ...file, sha256 }];
      });
      const sized = await Promise.all(
        files.map(async (file) => ({ ...file, sizeBytes: (await getSize(join(folder, file.name))) ?? 0 })),
      );
      return { name, carrier: undefined, files: sized };
    }),
  );
  return entries.filter(({ files }) => findMainFile(files) !== undefined);
}
