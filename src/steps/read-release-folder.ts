import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Catalogue, CatalogueCarrier, CatalogueImage } from '../catalogue/catalogue.ts';
import { InputError, VerificationError } from '../errors.ts';
import { findMainFile, parseFleetJson } from '../fleet-state.ts';
import { listImagerAddresses } from '../formats/imager-addresses.ts';
import { type ManifestSummary, parseManifestSummary } from '../formats/manifest-summary.ts';
import type { ReleaseFile } from '../model.ts';
import { parseChecksums } from './write-checksums.ts';

/** A folder of finished images, and what its user should know though it is no fault. */
export interface ReleaseFolder {
  readonly catalogue: Catalogue;
  readonly warnings: readonly string[];
}

/**
 * Reads what a fleet or builds left in their output folder. fleet.json says which images there are; where there is none,
 * the manifests do. Every file that is listed is there, as big as listed, and has one hash wherever it is named; the
 * hashes themselves are not computed again.
 * @throws InputError when there is no image, VerificationError naming every file that is not as it is listed
 */
export async function readReleaseFolder(folder: string): Promise<ReleaseFolder> {
  const names = await listFiles(folder);
  const fleetText = names.includes('fleet.json')
    ? await readFile(join(folder, 'fleet.json'), 'utf8')
    : undefined;
  const sums = names.includes('SHA256SUMS')
    ? new Map(parseChecksums(await readFile(join(folder, 'SHA256SUMS'), 'utf8')))
    : undefined;
  const { entries, failed } =
    fleetText === undefined
      ? { entries: await readBuilds(folder, names, sums ?? new Map()), failed: [] }
      : readFleet(folder, fleetText);
  if (entries.length === 0) {
    throw new InputError(`${folder} has no finished image`, {
      hint: 'give the output folder of wwanpi fleet or wwanpi build',
    });
  }
  checkNames(folder, entries);
  const faults = (await Promise.all(entries.map((entry) => checkFiles(folder, entry.files, sums)))).flat();
  if (faults.length > 0) throw notAsListed(folder, faults);

  const lists = await readImagerLists(folder, names);
  const images = await Promise.all(entries.map((entry) => readImage(folder, entry, lists.usable)));
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

interface Entry {
  readonly name: string;
  readonly carrier: CatalogueCarrier | undefined;
  readonly files: readonly ReleaseFile[];
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read the folder ${folder} (${error.code})`, { cause: error });
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function readFleet(folder: string, text: string): { entries: Entry[]; failed: string[] } {
  const results = parseFleetJson(text);
  const path = join(folder, 'fleet.json');
  if (results === undefined) throw new InputError(`${path} was not written by wwanpi fleet`);
  return {
    entries: results
      .filter(({ verdict }) => verdict !== 'failed')
      .map(({ name, carrier, files }) => ({ name, carrier, files })),
    failed: results.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name),
  };
}

/**
 * The names become addresses and words of commands that people copy: only those an image of wwanpi can have (`recipe.ts`
 * allows no other in --name) may.
 */
function checkNames(folder: string, entries: readonly Entry[]): void {
  const names = entries.flatMap(({ name, files }) => [name, ...files.map((file) => file.name)]);
  const odd = names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
  if (odd.length === 0) return;
  throw new InputError(`${folder} lists ${JSON.stringify(odd[0])}, which no image of wwanpi can be called`);
}

/** What may lie beside NAME.manifest.json. */
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
): Promise<Entry[]> {
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
        files.map(async (file) => ({ ...file, sizeBytes: (await sizeOf(join(folder, file.name))) ?? 0 })),
      );
      return { name, carrier: undefined, files: sized };
    }),
  );
  return entries.filter(({ files }) => findMainFile(files) !== undefined);
}

/** What is wrong with the files of one image, a sentence each. */
async function checkFiles(
  folder: string,
  files: readonly ReleaseFile[],
  sums: ReadonlyMap<string, string> | undefined,
): Promise<string[]> {
  const faults = await Promise.all(
    files.map(async ({ name, sizeBytes, sha256 }) => {
      const size = await sizeOf(join(folder, name));
      if (size === undefined) return `${name} is not there`;
      if (size !== sizeBytes) return `${name} has ${size} bytes, not ${sizeBytes}`;
      const sum = sums?.get(name);
      return sum === undefined || sum === sha256 ? undefined : `${name} has another hash in SHA256SUMS`;
    }),
  );
  return faults.filter((fault) => fault !== undefined);
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found?.isFile() ? found.size : undefined;
}

async function readImage(folder: string, entry: Entry, lists: readonly string[]): Promise<CatalogueImage> {
  const { name, files } = entry;
  const main = findMainFile(files);
  const manifest = await readManifest(folder, name, files);
  if (main === undefined) throw notAsListed(folder, [`${name} has no image among its files`]);
  return {
    name,
    carrier: entry.carrier ?? carrierOf(manifest.carrier),
    apn: manifest.apn,
    // A base that was a file was one on its maker's machine: where it lay there is nobody's business.
    base: basename(manifest.base),
    system: manifest.system,
    hostname: manifest.hostname,
    cardBytes: manifest.image.sizeBytes,
    epochSeconds: manifest.sourceDateEpoch,
    main,
    others: files.filter((file) => file !== main),
    imagerList: lists.find((list) => list === `${name}.rpi-imager-manifest`),
  };
}

async function readManifest(
  folder: string,
  image: string,
  files: readonly ReleaseFile[],
): Promise<ManifestSummary> {
  const file = files.find(({ kind }) => kind === 'manifest');
  if (file === undefined) throw notAsListed(folder, [`${image} has no manifest among its files`]);
  const manifest = parseManifestSummary(await readFile(join(folder, file.name), 'utf8'));
  if (manifest === undefined) throw notAsListed(folder, [`${file.name} is no manifest of this wwanpi`]);
  return manifest;
}

/** The carrier as --carrier named it, where nothing has its names: `gb/ee`. */
function carrierOf(reference: string | undefined): CatalogueCarrier | undefined {
  const [, country, provider] = /^([a-z]{2})\/([^/]+)/.exec(reference ?? '') ?? [];
  return country === undefined || provider === undefined ? undefined : { country, provider };
}

/** Lists for Raspberry Pi Imager that work for whoever opens the page: with images at addresses, not on this disk. */
async function readImagerLists(
  folder: string,
  names: readonly string[],
): Promise<{ usable: string[]; warnings: string[] }> {
  const usable: string[] = [];
  const warnings: string[] = [];
  const lists = names.filter((name) => name.endsWith('.rpi-imager-manifest') || name === 'os_list.json');
  // The same list under its own extension comes first: that is what opens by a double click.
  for (const name of lists.toSorted((a, b) => Number(a === 'os_list.json') - Number(b === 'os_list.json'))) {
    const addresses = listImagerAddresses(await readFile(join(folder, name), 'utf8'));
    if (
      addresses !== undefined &&
      addresses.length > 0 &&
      addresses.every((url) => /^https?:\/\//.test(url))
    ) {
      usable.push(name);
    } else {
      const why =
        addresses === undefined
          ? 'is no list for Raspberry Pi Imager'
          : 'names files on this machine alone (wwanpi fleet --url-base names those on the web)';
      warnings.push(`${name} ${why}: the page does not offer it`);
    }
  }
  return { usable, warnings };
}

function notAsListed(folder: string, faults: readonly string[]): VerificationError {
  return new VerificationError(
    `${folder} is not as it is listed:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    { hint: 'make it again (wwanpi fleet makes what is missing), or copy it whole' },
  );
}
