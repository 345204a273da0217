import { BOOKWORM, type DebianRecipe, TRIXIE_ARM64, TRIXIE_ARMHF } from './debian-recipes.ts';
import type { BuiltBase, DownloadedBase, NamedBase } from './named-base.ts';
import { RASPIOS_BASES } from './raspios-bases.ts';

/** The base of the write-up this project automates: the last Stretch. */
export const DEFAULT_BASE = 'raspbian-stretch';

/** Roots of the archives' addresses: Raspberry Pi's server, then a mirror of the same tree. */
export const DOWNLOAD_ROOTS: readonly string[] = [
  'https://downloads.raspberrypi.com',
  'https://ftp.jaist.ac.jp/pub/raspberrypi',
];

/** All named bases, the default first. Each hash is confirmed by three independent public records. */
export const BASES: readonly NamedBase[] = [
  stretch('raspbian-stretch', '2019-04-08', '2019-04-09', {
    sha256: '03ec326d45c6eb6cef848cf9a1d6c7315a9410b49a276a6b28e67a40b11fdfcf',
    imgBytes: 1_803_550_720,
  }),
  stretch('raspbian-stretch-2018-11-13', '2018-11-13', '2018-11-15', {
    sha256: '47ef1b2501d0e5002675a50b6868074e693f78829822eef64f3878487953234d',
    imgBytes: 1_866_465_280,
  }),
  stretch('raspbian-stretch-2018-06-27', '2018-06-27', '2018-06-29', {
    sha256: '3271b244734286d99aeba8fa043b6634cad488d211583814a2018fc14fdca313',
    imgBytes: 1_862_270_976,
  }),
  ...RASPIOS_BASES,
  built('debian-trixie', TRIXIE_ARMHF, 'Debian 13 for the Pi 2 and 3, 32 bit'),
  built('debian-trixie-arm64', TRIXIE_ARM64, 'Debian 13 for the Pi 3, 4 and Zero 2 W, 64 bit'),
  built('debian-bookworm', BOOKWORM, 'Debian 12 for the Pi 2 and 3'),
];

/** Finds the base called `name`; undefined if there is none, as for a path. */
export function findBase(name: string): NamedBase | undefined {
  return BASES.find((base) => base.name === name);
}

/** Finds the base that is downloaded as a file with one of these SHA-256, whatever the file is called here. */
export function findDownload(hashes: readonly string[]): DownloadedBase | undefined {
  return BASES.filter((base) => base.kind === 'download').find(({ sha256 }) => hashes.includes(sha256));
}

/** The names that a person chooses from: `wwanpi bases` lists those of earlier dates too. */
export const USUAL_BASES: readonly string[] = BASES.filter(
  (base) => base.kind === 'built' || base.earlierOf === undefined,
).map(({ name }) => name);

/**
 * The addresses to try in turn. WWANPI_DOWNLOADS_URL, the root of a mirror with the same paths, replaces
 * the usual ones.
 */
export function downloadUrls(base: DownloadedBase, mirror: string | undefined): string[] {
  const roots = mirror === undefined || mirror === '' ? DOWNLOAD_ROOTS : [mirror.replace(/\/+$/, '')];
  return roots.map((root) => `${root}/${base.path}`);
}

function stretch(
  name: string,
  date: string,
  folderDate: string,
  facts: { sha256: string; imgBytes: number },
): DownloadedBase {
  return {
    kind: 'download',
    name,
    description: `Raspbian Stretch Lite of ${date}`,
    codename: 'stretch',
    architecture: 'armhf',
    stack: 'ifupdown',
    // This release is older than the Pi 4.
    models: ['pi1-32bit', 'pi2-32bit', 'pi3-32bit'],
    // Imager's method needs an option that Stretch's systemd does not have.
    initFormat: 'none',
    passwordUsers: ['pi'],
    path: `raspbian_lite/images/raspbian_lite-${folderDate}/${date}-raspbian-stretch-lite.zip`,
    format: 'zip',
    ...facts,
    // No zip of an image is larger than the image.
    maxArchiveBytes: facts.imgBytes,
    earlierOf: name === DEFAULT_BASE ? undefined : DEFAULT_BASE,
  };
}

function built(name: string, recipe: DebianRecipe, what: string): BuiltBase {
  return {
    kind: 'built',
    name,
    description: `${what}, built from this machine's Debian mirror (needs root once)`,
    codename: recipe.codename,
    architecture: recipe.architecture,
    stack: recipe.stack,
    models: recipe.models,
    // It has no program that takes Imager's settings.
    initFormat: 'none',
    // Its user pi has a locked password (hooks/customize.sh).
    passwordUsers: [],
    recipe,
  };
}
