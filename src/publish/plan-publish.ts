import { parseReleaseSums } from '../formats/release-files/checksums.ts';
import type { PublishedFile, ReleaseHistory } from '../formats/release-files/release-history.ts';
import { CHECKSUMS_NAME, partName, type Release, type ReleaseEntry, SIGNATURE_NAMES } from './release.ts';

/** The folder on the server before any change. */
export interface RemoteFolder {
  /** Whether the folder exists. */
  readonly exists: boolean;
  /** Sizes of its regular files by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The text of its SHA256SUMS; undefined if there is none. */
  readonly checksums: string | undefined;
  readonly history: ReleaseHistory;
}

/** The steps that turn the folder into the release. */
export interface PublishPlan {
  /** Files that are on the server already, byte for byte. */
  readonly same: readonly ReleaseEntry[];
  /** Files to send, in the order of the final renames. */
  readonly send: readonly ReleaseEntry[];
  /** Partial uploads of an earlier run among `send`: sizes by name. */
  readonly begun: ReadonlyMap<string, number>;
  /** Bytes to send if all partial uploads are good. */
  readonly sendBytes: number;
  /**
   * Whether SHA256SUMS is removed during the renames, because it lists a file that is replaced and would be wrong
   * about it.
   */
  readonly withdraw: boolean;
  /** Signatures that wwanpi published with an earlier release and that this release lacks; they would not match. */
  readonly staleSignatures: readonly string[];
  /** The same, but not known to be from wwanpi; they are kept, with a warning. */
  readonly foreignSignatures: readonly string[];
}

/** The files of a release whose counterparts on the server have the same size and may be identical. */
export function findSameSized(release: Release, remote: RemoteFolder): readonly ReleaseEntry[] {
  return release.entries.filter(({ name, sizeBytes }) => remote.sizes.get(name) === sizeBytes);
}

/**
 * Plans a publication.
 * @param same names of the candidates that are identical
 */
export function planPublish(release: Release, remote: RemoteFolder, same: ReadonlySet<string>): PublishPlan {
  const send = release.entries.filter(({ name }) => !same.has(name));
  const begun = new Map(
    send.flatMap(({ name, sizeBytes }) => {
      const partBytes = remote.sizes.get(partName(name));
      return partBytes === undefined || partBytes > sizeBytes ? [] : [[name, partBytes] as const];
    }),
  );
  const sendsChecksums = send.some(({ role }) => role === 'checksums');
  const replaced = send.filter(({ name, role }) => role === 'listed' && remote.sizes.has(name));
  const listed = namesIn(remote.checksums);
  const extra = SIGNATURE_NAMES.filter(
    (name) => remote.sizes.has(name) && !release.entries.some((entry) => entry.name === name),
  );
  const isOurs = (name: string) =>
    remote.history.some(({ files }) => files.some((file) => file.name === name));
  return {
    same: release.entries.filter(({ name }) => same.has(name)),
    send,
    begun,
    sendBytes: send.reduce((sum, { name, sizeBytes }) => sum + sizeBytes - (begun.get(name) ?? 0), 0),
    withdraw: sendsChecksums && replaced.some(({ name }) => listed(name)),
    staleSignatures: extra.filter(isOurs),
    foreignSignatures: extra.filter((name) => !isOurs(name)),
  };
}

/** The release as the history records it. */
export function publishedFiles(release: Release): readonly PublishedFile[] {
  return release.entries.map(({ name, sizeBytes, sha256 }) => ({ name, sizeBytes, sha256 }));
}

/** Returns whether a SHA256SUMS text lists a name; an unreadable text may list any. */
function namesIn(checksums: string | undefined): (name: string) => boolean {
  if (checksums === undefined) return () => false;
  const parsed = parseReleaseSums(checksums);
  if ('faults' in parsed) return () => true;
  const names = new Set(parsed.checksums.map(({ name }) => name));
  return (name) => names.has(name) || name === CHECKSUMS_NAME;
}
