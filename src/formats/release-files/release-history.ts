import { z } from 'zod';
import { validateFileName } from './checksums.ts';

/** A file of a release, as it was published. */
export interface PublishedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** One release whose publication into a folder was finished or begun. */
export interface PublishedRelease {
  /** When it was begun, ISO 8601. */
  readonly begun: string;
  /** The hash of its SHA256SUMS file, which identifies the release. */
  readonly sums: string;
  /** Whether its SHA256SUMS has become the folder's. */
  readonly isPublished: boolean;
  readonly files: readonly PublishedFile[];
}

/** The releases of a folder, newest first. */
export type ReleaseHistory = readonly PublishedRelease[];

/** The file with a folder's history. Only files that it lists are ever deleted. */
export const HISTORY_NAME = '.wwanpi-releases.json';

/** The file's text. */
export function formatHistory(history: ReleaseHistory): string {
  return `${JSON.stringify({ format: 1, releases: history }, undefined, 1)}\n`;
}

/** The history in a text; undefined if it is not a history, or of a later wwanpi. */
export function parseHistory(text: string): ReleaseHistory | undefined {
  try {
    const parsed = historySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.releases : undefined;
  } catch {
    return undefined;
  }
}

/** The history with `release` as the newest; a release that is published again moves to the top. */
export function beginRelease(
  history: ReleaseHistory,
  release: Omit<PublishedRelease, 'isPublished'>,
): ReleaseHistory {
  return [{ ...release, isPublished: false }, ...history.filter(({ sums }) => sums !== release.sums)];
}

/** The history after the SHA256SUMS with the hash `sums` has become the folder's. */
export function finishRelease(history: ReleaseHistory, sums: string): ReleaseHistory {
  return history.map((release) => (release.sums === sums ? { ...release, isPublished: true } : release));
}

/** The releases that remain in the history, and the files to delete: those that only other releases have. */
export interface PrunePlan {
  readonly kept: ReleaseHistory;
  /** Files as they were published. A file that has changed since is not ours. */
  readonly files: readonly PublishedFile[];
}

/**
 * Keeps the newest `keep` published releases. Removes older ones, and those that were begun and never finished.
 * @param keep 1 or more
 */
export function planPrune(history: ReleaseHistory, keep: number): PrunePlan {
  const kept = history.filter(({ isPublished }) => isPublished).slice(0, keep);
  const staying = new Set(kept.flatMap(({ files }) => files.map(({ name }) => name)));
  const files = new Map<string, PublishedFile>();
  for (const release of history.filter((each) => !kept.includes(each))) {
    for (const file of release.files) {
      // If several old releases had a name, the folder has the newest one's file.
      if (!staying.has(file.name) && !files.has(file.name)) files.set(file.name, file);
    }
  }
  return { kept, files: [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const historySchema = z.object({
  format: z.literal(1),
  releases: z.array(
    z.object({
      begun: z.string(),
      sums: sha256,
      isPublished: z.boolean(),
      files: z.array(
        z.object({
          // The history comes from the server: a name in it must not point outside the folder.
          name: z.string().refine((name) => validateFileName(name) === undefined),
          sizeBytes: z.int().nonnegative(),
          sha256,
        }),
      ),
    }),
  ),
});
