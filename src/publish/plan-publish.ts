import { parseReleaseSums } from '../formats/release-files/checksums.ts';
import type { PublishedFile, ReleaseHistory } from '../formats/release-files/release-history.ts';
import { CHECKSUMS_NAME, partName, type Release, type ReleaseEntry, SIGNATURE_NAMES } from './release.ts';

/** What lies in the folder over there before anything is done. */
export interface RemoteFolder {
  /** Whether it is there at all. */
  readonly exists: boolean;
  /** Sizes of its plain files by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The text of its SHA256SUMS; undefined where there is none. */
  readonly checksums: string | undefined;
  readonly history: ReleaseHistory;
}

/** What is to be done to make the folder the release. */
export interface PublishPlan {
  /** There already, byte for byte. */
  readonly same: readonly ReleaseEntry[];
  /** In the order in which they get their names. */
  readonly send: readonly ReleaseEntry[];
  /** What of `send` is there as the beginning an earlier run left: sizes by name. */
  readonly begun: ReadonlyMap<string, number>;
  /** Bytes to send when all that was begun turns out good. */
  readonly sendBytes: number;
  /**
   * Whether SHA256SUMS is taken away while the files get their names: it lists one that is about to be replaced, and
   * would be wrong of it.
   */
  readonly withdraw: boolean;
  /** Signatures of ours that an earlier release has and this has not; they would not fit. */
  readonly staleSignatures: readonly string[];
  /** The same, but not known to be ours: they stay, with a warning. */
  readonly foreignSignatures: readonly string[];
}

/** The files of a release whose counterparts over there may be the same: they have the right size. */
export function findSameSized(release: Release, remote: RemoteFolder): readonly ReleaseEntry[] {
  return release.entries.filter(({ name, sizeBytes }) => remote.sizes.get(name) === sizeBytes);
}

/**
 * Plans a publication.
 * @param same names of the candidates that turned out to be the same
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

/** The release as the history keeps it. */
export function publishedFiles(release: Release): readonly PublishedFile[] {
  return release.entries.map(({ name, sizeBytes, sha256 }) => ({ name, sizeBytes, sha256 }));
}

/** Whether a SHA256SUMS text lists a name; one that is no such text may list anything. */
function namesIn(checksums: string | undefined): (name: string) => boolean {
  if (checksums === undefined) return () => false;
  const parsed = parseReleaseSums(checksums);
  if ('faults' in parsed) return () => true;
  const names = new Set(parsed.checksums.map(({ name }) => name));
  return (name) => names.has(name) || name === CHECKSUMS_NAME;
}
