import { z } from 'zod';
import type { ReleaseFile } from '../core/model.ts';

/** The result of one image in a run. */
export interface FleetResult {
  readonly name: string;
  readonly carrier?: { readonly country: string; readonly provider: string; readonly plan?: string };
  readonly apn: string;
  readonly base: string;
  /** Its finished files; empty if it failed. */
  readonly files: readonly ReleaseFile[];
  /** Its build time in this run. */
  readonly seconds: number;
  readonly verdict: 'built' | 'unchanged' | 'failed';
  /** Why it failed; holds no secret. */
  readonly error?: string;
}

/** The facts of a finished image that a later run needs. `key` is as secret as the image's passwords. */
export interface FleetRecord {
  /** The result of `identifyBuild`. */
  readonly key: string;
  readonly result: FleetResult;
  /** Stamps by file name, which show that a file is unchanged without reading it. */
  readonly stamps: Readonly<Record<string, FileStamp>>;
}

/** A file's identity on this disk. */
export interface FileStamp {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** The records of all images of a folder, by name. */
export type FleetState = ReadonlyMap<string, FleetRecord>;

/** The text of the folder's state file. */
export function formatState(state: FleetState): string {
  return `${JSON.stringify({ format: 1, images: Object.fromEntries(state) })}\n`;
}

/** Parses a state; empty if the text is invalid or of another format: then everything is built again. */
export function parseState(text: string): FleetState {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(text));
    return new Map(parsed.success ? Object.entries(parsed.data.images as Record<string, FleetRecord>) : []);
  } catch {
    return new Map();
  }
}

/** The text of `fleet.json`: the images of the fleet that have a result, in the file's order. */
export function formatFleetJson(
  version: string,
  names: readonly string[],
  results: readonly FleetResult[],
): string {
  const byName = new Map(results.map((result) => [result.name, result]));
  const entries = names.flatMap((name) => byName.get(name) ?? []);
  return `${JSON.stringify({ wwanpiVersion: version, entries }, undefined, 2)}\n`;
}

/** Parses the images of a `fleet.json`; undefined if the text is invalid. */
export function parseFleetJson(text: string): FleetResult[] | undefined {
  try {
    const parsed = fleetJsonSchema.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data.entries as FleetResult[]) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether two stamps are of one unchanged file. If they differ, the hash decides: a copied folder has other inodes
 * and times.
 */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs && a.inode === b.inode;
}

/**
 * Estimates the remaining seconds of a fleet.
 * @param doneSeconds build time of each finished image; the first of several is ignored, because it filled the caches
 * @param runningSeconds build time so far of each image that is being built
 * @returns undefined before the first image is finished
 */
export function estimateLeftSeconds(
  doneSeconds: readonly number[],
  runningSeconds: readonly number[],
  waiting: number,
  jobs: number,
): number | undefined {
  const known = doneSeconds.length > 1 ? doneSeconds.slice(1) : doneSeconds;
  if (known.length === 0) return undefined;
  const mean = known.reduce((sum, seconds) => sum + seconds, 0) / known.length;
  const running = runningSeconds.map((seconds) => Math.max(0, mean - seconds));
  const work = running.reduce((sum, seconds) => sum + seconds, 0) + waiting * mean;
  return work / Math.max(1, jobs);
}

const fileSchema = z.object({
  name: z.string().regex(/^[^/]+$/),
  sizeBytes: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(['image', 'packed', 'bmap', 'manifest', 'sbom']),
});

const resultSchema = z.object({
  name: z.string(),
  carrier: z.object({ country: z.string(), provider: z.string(), plan: z.string().optional() }).optional(),
  apn: z.string(),
  base: z.string(),
  files: z.array(fileSchema).min(1),
  seconds: z.number(),
  verdict: z.enum(['built', 'unchanged']),
});

const failedSchema = z.object({
  ...resultSchema.shape,
  files: z.tuple([]),
  verdict: z.literal('failed'),
  error: z.string(),
});

const fleetJsonSchema = z.object({
  wwanpiVersion: z.string(),
  entries: z.array(z.union([resultSchema, failedSchema])),
});

const stateSchema = z.object({
  format: z.literal(1),
  images: z.record(
    z.string(),
    z.object({
      key: z.string(),
      result: resultSchema,
      stamps: z.record(
        z.string(),
        z.object({ sizeBytes: z.number(), mtimeMs: z.number(), inode: z.number() }),
      ),
    }),
  ),
});
