import { dirname, resolve } from 'node:path';
import { DEFAULT_BASE } from '../base/bases.ts';
import { fetchBase } from '../base/fetch-base.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { resolveBase } from '../fleet/make-fleet-jobs.ts';
import { readFleet } from '../fleet/make-fleet-plan.ts';
import { chownCache, findOwner } from '../host/chown-cache.ts';
import { defaultCacheDir, withRun } from '../host/with-run.ts';

/**
 * Fetches or builds bases into the cache, one after the other. Files that root makes are given to the cache's owner.
 * @param bases names or image files; undefined is the default base
 * @returns the paths of their raw images, one per line
 */
export async function runFetch(
  report: Reporter,
  bases: readonly (string | undefined)[],
  cacheDir = defaultCacheDir(),
): Promise<string> {
  const folder = resolve(cacheDir);
  const owner = await findOwner(folder);
  const paths: string[] = [];
  try {
    await withRun({ report, cacheDir: folder }, async ({ context }) => {
      try {
        for (const base of bases) paths.push((await fetchBase(context, base ?? DEFAULT_BASE)).diskPath);
      } catch (error) {
        if (context.signal.aborted) throw new InterruptedError('interrupted; no partial files are left');
        throw error;
      }
    });
  } finally {
    await chownCache(folder, owner);
  }
  return paths.map((path) => `${path}\n`).join('');
}

/**
 * Lists the bases of a fleet file without duplicates; image files by their absolute paths.
 * @throws InputError when the file is invalid
 */
export async function listFleetBases(path: string): Promise<string[]> {
  const { entries } = await readFleet(path);
  return [...new Set(entries.map(({ options }) => resolveBase(options.base, dirname(resolve(path)))))];
}
