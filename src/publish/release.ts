import type { PublishedFile } from '../formats/release-files/release-history.ts';
import { SIGNATURE_SUFFIXES } from '../release/prepare-signer.ts';

/** The role of a file in a release. */
export type ReleaseRole =
  /** Listed in SHA256SUMS. */
  | 'listed'
  /** Not listed; for programs and browsers: fleet.json and the catalogue's page. */
  | 'companion'
  /** A signature of SHA256SUMS. */
  | 'signature'
  /** SHA256SUMS itself, which completes the release. */
  | 'checksums';

/** One file to publish. */
export interface ReleaseEntry extends PublishedFile {
  readonly role: ReleaseRole;
}

/** An output folder that was read and checked. */
export interface Release {
  readonly folder: string;
  /** In the order of the renames on the server: SHA256SUMS last. */
  readonly entries: readonly ReleaseEntry[];
  /** SHA-256 of its SHA256SUMS, which identifies the release. */
  readonly sums: string;
}

/** The list of a release's files. */
export const CHECKSUMS_NAME = 'SHA256SUMS';
/** Signatures of gpg and of minisign. */
export const SIGNATURE_NAMES: readonly string[] = SIGNATURE_SUFFIXES.map(
  (suffix) => `${CHECKSUMS_NAME}${suffix}`,
);

/** The page of wwanpi catalogue. */
export const PAGE_NAME = 'index.html';
/** Lists for Raspberry Pi Imager are either in SHA256SUMS, or not published because they have paths of the local machine. */
const COMPANIONS: readonly string[] = ['fleet.json', PAGE_NAME];

/** The role of an unlisted file of an output folder; undefined if it is not published. */
export function getRole(name: string): ReleaseRole | undefined {
  if (name === CHECKSUMS_NAME) return 'checksums';
  if (SIGNATURE_NAMES.includes(name)) return 'signature';
  return COMPANIONS.includes(name) ? 'companion' : undefined;
}

/** Formats a number of files: "1 file", "2 files". */
export function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

/** The temporary name of an upload. */
export function partName(name: string): string {
  return `${name}.part`;
}

/** A path in a folder on the server, which may be the root. */
export function remotePath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
