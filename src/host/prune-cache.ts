import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makePartialName, PARTIAL_NAME } from '../tools/files/partial.ts';
import type { CachedThing } from './cache-content.ts';

/** What to remove from a cache. */
export interface PruneChoice {
  /** Things that were not used for this long. */
  readonly olderThanMs: number;
  /** Everything, whenever it was used. */
  readonly all: boolean;
}

/** A younger thing without its final name may belong to a run in a container that left no mark. */
const STALE_MS = 3_600_000;

/** Decides what to remove: what was not used for long enough, and what killed runs left. */
export function planPrune(things: readonly CachedThing[], choice: PruneChoice, nowMs: number): CachedThing[] {
  return things.filter(({ name, usedMs }) => {
    const ageMs = nowMs - usedMs;
    if (PARTIAL_NAME.test(basename(name))) return ageMs > STALE_MS;
    return choice.all || ageMs > choice.olderThanMs;
  });
}

/**
 * Removes things from a cache, without following a link: what became a link since it was listed is left. Each is renamed
 * first, so that a run that begins now never finds a part of it.
 * @returns those that could not be removed
 */
export async function removeThings(cacheDir: string, things: readonly CachedThing[]): Promise<CachedThing[]> {
  const left: CachedThing[] = [];
  for (const thing of things) {
    const path = join(cacheDir, thing.section, thing.name);
    try {
      if (await hasLink(cacheDir, join(thing.section, dirname(thing.name)))) throw new Error('a link');
      const gone = join(dirname(path), makePartialName());
      await rename(path, gone);
      await rm(gone, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      left.push(thing);
    }
  }
  return left;
}

/** Whether a folder below another, or one between them, is no folder but a link. */
async function hasLink(top: string, below: string): Promise<boolean> {
  let path = top;
  for (const part of below.split('/').filter((name) => name !== '.')) {
    path = join(path, part);
    if ((await lstat(path)).isDirectory() === false) return true;
  }
  return false;
}
