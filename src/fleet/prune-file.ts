import type { z } from 'zod';

/** A fleet file without what its schema refuses. */
export interface PrunedFile {
  readonly plain: unknown;
  /** The images that lack something: positions in the list. */
  readonly images: ReadonlySet<number>;
}

/**
 * Leaves out of a fleet file each option that its schema refuses, so that the issues of all others are found in the
 * same round.
 * @param plain the file as plain data
 * @param issues of the schema
 * @returns undefined if the file has no list of images
 */
export function pruneFile(plain: unknown, issues: readonly z.core.$ZodIssue[]): PrunedFile | undefined {
  const copy: unknown = structuredClone(plain);
  if (!isRecord(copy) || !Array.isArray(copy.images)) return undefined;
  const images = new Set<number>();
  const all = copy.images.keys();
  for (const issue of issues) {
    const [top, position] = issue.path;
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) remove(copy, key === undefined ? issue.path : [...issue.path, key]);
    if (top === 'images' && typeof position === 'number') images.add(position);
    if (top === 'defaults') for (const index of all) images.add(index);
  }
  return { plain: copy, images };
}

/** Removes an option, or an image's whole content; a part of an option's list takes the option with it. */
function remove(file: Record<string, unknown>, path: readonly PropertyKey[]): void {
  const [top, second, third] = path;
  if (top === 'images' && Array.isArray(file.images) && typeof second === 'number') {
    const image: unknown = file.images[second];
    if (third === undefined || !isRecord(image)) file.images[second] = {};
    else delete image[String(third)];
  } else if (top === 'defaults' && second !== undefined && isRecord(file.defaults)) {
    delete file.defaults[String(second)];
  } else if (top !== undefined && top !== 'images') {
    delete file[String(top)];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
