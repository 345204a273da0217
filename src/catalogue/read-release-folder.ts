import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findBase } from '../base/bases.ts';
import { lookUpTarget } from '../base/targets.ts';
import { explainFileError, InputError, VerificationError } from '../core/errors.ts';
import type { ReleaseFile } from '../core/model.ts';
import { findMainFile } from '../core/model.ts';
import { parseChecksums } from '../formats/release-files/checksums.ts';
import { type ManifestSummary, parseManifestSummary } from '../formats/release-files/manifest-summary.ts';
import { nameModel } from '../formats/release-files/os-list.ts';
import type { Catalogue, CatalogueCarrier, CatalogueImage } from './catalogue.ts';
import { getSize, type ListedImage, listImages } from './list-images.ts';
import { readImagerLists } from './read-imager-lists.ts';

/** A folder of finished images, and the warnings for the user. */
export interface ReleaseFolder {
  readonly catalogue: Catalogue;
  readonly warnings: readonly string[];
}

/**
 * Reads the output folder of a fleet or of builds. Checks that every listed file exists, has the listed size, and has
 * the same hash in all lists; does not compute the hashes again.
 * @throws InputError when there is no image, VerificationError naming every file that differs from the list
 */
export async function readReleaseFolder(folder: string): Promise<ReleaseFolder> {
  const names = await listFiles(folder);
  const sums = names.includes('SHA256SUMS')
    ? new Map(parseChecksums(await readFile(join(folder, 'SHA256SUMS'), 'utf8')))
    : undefined;
  const { images: listed, failed } = await listImages(folder, names, sums ?? new Map());
  if (listed.length === 0) {
    throw new InputError(`${folder} has no finished image`, { hint: FOLDER_HINT });
  }
  const faults = (await Promise.all(listed.map((image) => checkFiles(folder, image.files, sums)))).flat();
  if (faults.length > 0) throw notAsListed(folder, faults);

  const lists = await readImagerLists(folder, names);
  const images = await Promise.all(listed.map((image) => readImage(folder, image, lists.usable)));
  const own = new Set(images.map((image) => image.imagerList));
  return {
    catalogue: {
      images,
      checksums: sums !== undefined,
      signatures: names.filter((name) => /^SHA256SUMS\.(asc|sig|gpg|minisig)$/.test(name)),
      imagerList: lists.usable.find((name) => !own.has(name)),
    },
    warnings: [
      ...failed.map((name) => `${name} failed when the fleet was made, and is left out`),
      ...lists.warnings,
    ],
  };
}

const FOLDER_HINT = 'give the output folder of wwanpi fleet or wwanpi build';

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such folder' : explainFileError(error);
    throw new InputError(`cannot read the folder ${folder}: ${why}`, {
      hint: FOLDER_HINT,
      cause: error,
    });
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Checks the files of one image; one sentence per mistake. */
async function checkFiles(
  folder: string,
  files: readonly ReleaseFile[],
  sums: ReadonlyMap<string, string> | undefined,
): Promise<string[]> {
  const faults = await Promise.all(
    files.map(async ({ name, sizeBytes, sha256 }) => {
      const size = await getSize(join(folder, name));
      if (size === undefined) return `${name} is not there`;
      if (size !== sizeBytes) return `${name} has ${size} bytes, not ${sizeBytes}`;
      const sum = sums?.get(name);
      return sum === undefined || sum === sha256 ? undefined : `${name} has another hash in SHA256SUMS`;
    }),
  );
  return faults.filter((fault) => fault !== undefined);
}

async function readImage(
  folder: string,
  listed: ListedImage,
  lists: readonly string[],
): Promise<CatalogueImage> {
  const { name, files } = listed;
  const main = findMainFile(files);
  const manifest = await readManifest(folder, name, files);
  if (main === undefined) throw notAsListed(folder, [`${name} has no image among its files`]);
  return {
    name,
    carrier: listed.carrier ?? getCarrier(manifest.carrier),
    apn: manifest.apn,
    // The path of a base file on the maker's machine is private.
    base: basename(manifest.base),
    system: manifest.system,
    hostname: manifest.hostname,
    models: findModels(manifest),
    login: describeLogin(manifest),
    cardBytes: manifest.image.sizeBytes,
    epochSeconds: manifest.sourceDateEpoch,
    main,
    others: files.filter((file) => file !== main),
    imagerList: lists.find((list) => list === `${name}.rpi-imager-manifest`),
  };
}

function findModels({ base, release, architecture }: ManifestSummary): readonly string[] {
  const models = findBase(base)?.models ?? lookUpTarget(release, architecture)?.models ?? [];
  return models.map(nameModel);
}

function describeLogin({ base, login: { user, hasKey, hasPassword } }: ManifestSummary): string {
  const means = [...(hasKey ? ['an SSH key'] : []), ...(hasPassword ? ['a password'] : [])];
  if (means.length > 0) return `${user ?? 'pi'}, with ${means.join(' or ')} of its maker`;
  const known = findBase(base)?.passwordUsers;
  if (known === undefined) return 'the users of the base';
  return known.length === 0 ? 'nobody' : `${known.join(', ')}, with the password of the base`;
}

async function readManifest(
  folder: string,
  image: string,
  files: readonly ReleaseFile[],
): Promise<ManifestSummary> {
  const file = files.find(({ kind }) => kind === 'manifest');
  if (file === undefined) throw notAsListed(folder, [`${image} has no manifest among its files`]);
  const manifest = parseManifestSummary(await readFile(join(folder, file.name), 'utf8'));
  if (manifest === undefined) throw notAsListed(folder, [`${file.name} is not a manifest of this wwanpi`]);
  return manifest;
}

/** The carrier by the value of --carrier (`gb/ee`), if no list has its name. */
function getCarrier(reference: string | undefined): CatalogueCarrier | undefined {
  const [, country, provider] = /^([a-z]{2})\/([^/]+)/.exec(reference ?? '') ?? [];
  return country === undefined || provider === undefined ? undefined : { country, provider };
}

function notAsListed(folder: string, faults: readonly string[]): VerificationError {
  return new VerificationError(
    `${folder} does not match its lists:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    { hint: 'make it again (wwanpi fleet builds missing images), or copy it completely' },
  );
}
