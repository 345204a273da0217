import { z } from 'zod';
import { validateFileName } from './checksums.ts';

/** A file as a release published it. */
export interface PublishedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** One release that was published into a folder, or begun to be. */
export interface PublishedRelease {
  /** When it was begun, ISO 8601. */
  readonly begun: string;
  /** Its SHA256SUMS file's own hash: what tells releases apart. */
  readonly sums: string;
  /** Whether its SHA256SUMS came to be the folder's. */
  readonly isPublished: boolean;
  readonly files: readonly PublishedFile[];
}

/** The releases of a folder, newest first. */
export type ReleaseHistory = readonly PublishedRelease[];

/** Where a folder's history lies in it. Nothing that is not in there is ever deleted. */
export const HISTORY_NAME = '.wwanpi-releases.json';

/** The file's text. */
export function formatHistory(history: ReleaseHistory): string {
  return `${JSON.stringify({ format: 1, releases: history }, undefined, 1)}\n`;
}

/** The history a text holds; undefined where it is none, or of a later wwanpi. */
export function parseHistory(text: string): ReleaseHistory | undefined {
  try {
    const parsed = historySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.releases : undefined;
  } catch {
    return undefined;
  }
}

/** The history with `release` as the newest; one that is published again moves up. */
export function beginRelease(
  history: ReleaseHistory,
  release: Omit<PublishedRelease, 'isPublished'>,
): ReleaseHistory {
  return [{ ...release, isPublished: false }, ...history.filter(({ sums }) => sums !== release.sums)];
}

/** The history when the SHA256SUMS of hash `sums` is the folder's. */
export function finishRelease(history: ReleaseHistory, sums: string): ReleaseHistory {
  return history.map((release) => (release.sums === sums ? { ...release, isPublished: true } : release));
}

/** What to prune: which releases stay in the history, and the files of the others that no staying one has. */
export interface PrunePlan {
  readonly kept: ReleaseHistory;
  /** As they were published: a file that is not so any more is somebody else's. */
  readonly files: readonly PublishedFile[];
}

/**
 * Keeps the newest `keep` published releases. Older ones go, and so do those that were begun and never finished.
 * @param keep 1 or more
 */
export function planPrune(history: ReleaseHistory, keep: number): PrunePlan {
  const kept = history.filter(({ isPublished }) => isPublished).slice(0, keep);
  const staying = new Set(kept.flatMap(({ files }) => files.map(({ name }) => name)));
  const files = new Map<string, PublishedFile>();
  for (const release of history.filter((each) => !kept.includes(each))) {
    for (const file of release.files) {
      // Of a name that several old releases had, the newest's is what lies there.
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
          // It comes from the server: a name in it must not lead out of the folder.
          name: z.string().refine((name) => validateFileName(name) === undefined),
          sizeBytes: z.int().nonnegative(),
          sha256,
        }),
      ),
    }),
  ),
});
