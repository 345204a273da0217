import type { Stack } from '../core/model.ts';

/** The stock images that wwanpi knows by name; the only place with their addresses and hashes. */
import { BOOKWORM, type DebianRecipe, TRIXIE_ARM64 } from './debian-recipes.ts';

/** A base image published as a zip with one .img inside. */
export interface DownloadedBase {
  readonly kind: 'download';
  readonly name: string;
  readonly description: string;
  /** How its images dial. */
  readonly stack: Stack;
  /** Its users who can log in with a password of the base. */
  readonly passwordUsers: readonly string[];
  /** Path below each of `DOWNLOAD_ROOTS`. */
  readonly path: string;
  /** SHA-256 of the zip, as published beside it. */
  readonly sha256: string;
  /** Size of the .img inside, where known. */
  readonly imgBytes: number | undefined;
  /** Largest download accepted. */
  readonly maxZipBytes: number;
}

/** A base image built on this machine from a distribution's packages. */
export interface BuiltBase {
  readonly kind: 'built';
  readonly name: string;
  readonly description: string;
  readonly stack: Stack;
  readonly passwordUsers: readonly string[];
  readonly recipe: DebianRecipe;
}

/** An entry of `BASES`. */
export type NamedBase = DownloadedBase | BuiltBase;

/** The base of the write-up this project automates: the last Stretch. */
export const DEFAULT_BASE = 'raspbian-stretch';

/** Roots of the zips' addresses: Raspberry Pi's server, then a mirror of the same tree. */
export const DOWNLOAD_ROOTS: readonly string[] = [
  'https://downloads.raspberrypi.org',
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
  {
    kind: 'built',
    name: 'debian-bookworm',
    description: "Debian 12 for the Pi 2 and 3, built from this machine's Debian mirror (needs root once)",
    stack: 'ifupdown',
    // Its user pi has a locked password (overlays/debian-bookworm/hooks/customize.sh).
    passwordUsers: [],
    recipe: BOOKWORM,
  },
  {
    kind: 'built',
    name: 'debian-trixie-arm64',
    description:
      "Debian 13 for the Pi 3, 4 and Zero 2 W, 64 bit, built from this machine's Debian mirror (needs root once)",
    passwordUsers: [],
    recipe: TRIXIE_ARM64,
  },
];

/** Finds the base called `name`; undefined if there is none, as for a path. */
export function findBase(name: string): NamedBase | undefined {
  return BASES.find((base) => base.name === name);
}

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
    stack: 'ifupdown',
    passwordUsers: ['pi'],
    path: `raspbian_lite/images/raspbian_lite-${folderDate}/${date}-raspbian-stretch-lite.zip`,
    ...facts,
    // No zip of an image is larger than the image.
    maxZipBytes: facts.imgBytes,
  };
}
