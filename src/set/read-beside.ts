import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readFleetState } from '../fleet/fleet-folder.ts';
import { findChecksum } from '../formats/release-files/checksums.ts';
import { readChecksums } from '../release/write-checksums.ts';
import { IMAGE_SUFFIXES, splitName } from './plan-image.ts';

/** The files of a folder that describe an image, as texts. */
export interface Beside {
  readonly folder: string;
  /** SHA256SUMS; empty if there is none. */
  readonly sums: string;
  readonly bmap: string | undefined;
  readonly manifest: string | undefined;
  readonly sbom: string | undefined;
  /** `NAME.sha256` files, by name. */
  readonly own: ReadonlyMap<string, string>;
  /** Lists for Raspberry Pi Imager, by name. */
  readonly lists: ReadonlyMap<string, string>;
  readonly fleet: string | undefined;
  readonly page: string | undefined;
  /** Whether a later `wwanpi fleet` compares the image with the fleet's file. */
  readonly isOfFleet: boolean;
  /** Every name in the folder. */
  readonly names: readonly string[];
}

/** Larger files are none of these. */
const MAX_TEXT_CHARACTERS = 64 * 1024 * 1024;

/** Reads the files beside an image. Those that are missing or cannot be read are left out. */
export async function readBeside(imagePath: string): Promise<Beside> {
  const folder = dirname(imagePath);
  const { stem } = splitName(imagePath);
  const names = await readdir(folder);
  const read = async (name: string): Promise<string | undefined> => {
    if (!names.includes(name)) return undefined;
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    return text !== undefined && text.length > MAX_TEXT_CHARACTERS ? undefined : text;
  };
  const readAll = async (wanted: readonly string[]) => {
    const found = await Promise.all(wanted.map(async (name) => [name, await read(name)] as const));
    return new Map(found.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
  };
  const state = await readFleetState(folder).catch(() => new Map());
  return {
    folder,
    names,
    sums: await readChecksums(folder).catch(() => ''),
    bmap: await read(`${stem}.bmap`),
    manifest: await read(`${stem}.manifest.json`),
    sbom: await read(`${stem}.sbom.json`),
    own: await readAll(IMAGE_SUFFIXES.map((suffix) => `${stem}${suffix}.sha256`)),
    lists: await readAll(
      names.filter((name) => name === 'os_list.json' || name.endsWith('.rpi-imager-manifest')),
    ),
    fleet: await read('fleet.json'),
    page: await read('index.html'),
    isOfFleet: state.has(stem),
  };
}

/** The SHA-256 that the files beside an image say it has; undefined if they say nothing. */
export function findListed({ sums, own }: Beside, imagePath: string): string | undefined {
  const name = basename(imagePath);
  return findChecksum(own.get(`${name}.sha256`) ?? '', name) ?? findChecksum(sums, name);
}

/** Whether a file beside the image has a hash of it or of the raw disk. */
export function hasHashes(
  beside: Beside,
  imagePath: string,
): { readonly file: boolean; readonly disk: boolean } {
  const disk =
    [beside.bmap, beside.manifest, beside.sbom].some((text) => text !== undefined) || beside.lists.size > 0;
  return { disk, file: disk || beside.fleet !== undefined || findListed(beside, imagePath) !== undefined };
}
