import type { PublishedFile } from '../formats/release-files/release-history.ts';
import { SIGNATURE_SUFFIXES } from '../release/prepare-signer.ts';

/** What a file is to a release. */
export type ReleaseRole =
  /** Listed in SHA256SUMS. */
  | 'listed'
  /** Beside it, for programs and browsers: fleet.json and the catalogue's page. */
  | 'companion'
  /** Of SHA256SUMS. */
  | 'signature'
  /** SHA256SUMS itself: what makes the others a release. */
  | 'checksums';

/** One file to publish. */
export interface ReleaseEntry extends PublishedFile {
  readonly role: ReleaseRole;
}

/** An output folder that was found whole. */
export interface Release {
  readonly folder: string;
  /** In the order in which they get their names over there: SHA256SUMS last. */
  readonly entries: readonly ReleaseEntry[];
  /** SHA-256 of its SHA256SUMS, which tells it from others. */
  readonly sums: string;
}

/** The list of a release's files. */
export const CHECKSUMS_NAME = 'SHA256SUMS';
/** Of gpg and of minisign. */
export const SIGNATURE_NAMES: readonly string[] = SIGNATURE_SUFFIXES.map(
  (suffix) => `${CHECKSUMS_NAME}${suffix}`,
);

/** What wwanpi catalogue writes. */
export const PAGE_NAME = 'index.html';
/** Lists for Raspberry Pi Imager are listed, or they say where files lie on the machine they were made on. */
const COMPANIONS: readonly string[] = ['fleet.json', PAGE_NAME];

/** What an unlisted file of an output folder is to its release; undefined for what is not published. */
export function getRole(name: string): ReleaseRole | undefined {
  if (name === CHECKSUMS_NAME) return 'checksums';
  if (SIGNATURE_NAMES.includes(name)) return 'signature';
  return COMPANIONS.includes(name) ? 'companion' : undefined;
}

/** A number of files, in words. */
export function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

/** The name of an upload under way. */
export function partName(name: string): string {
  return `${name}.part`;
}

/** A path in a folder over there, which may be the root. */
export function remotePath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
