import { dirname, join, resolve } from 'node:path';
import { DEFAULT_BASE } from '../base/bases.ts';
import { fetchProvenBase } from '../base/prove-base.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { resolveBase } from '../fleet/make-fleet-jobs.ts';
import { readFleet } from '../fleet/make-fleet-plan.ts';
import { handOverCache } from '../host/hand-over.ts';
import { defaultCacheDir, withRun } from '../host/with-run.ts';

/**
 * Fetches or makes bases into the cache, one after the other, and compares each with its hash. Root leaves what it made
 * to the user whose cache it is.
 * @param bases named ones or image files; undefined is the default
 * @returns the paths of their raw images, a line each
 */
export async function runFetch(
  report: Reporter,
  bases: readonly (string | undefined)[],
  options: { cacheDir?: string | undefined; requireUpdates?: boolean } = {},
): Promise<string> {
  const folder = resolve(options.cacheDir ?? defaultCacheDir());
  const paths: string[] = [];
  await withRun({ ...options, report, cacheDir: folder }, async ({ context, foreignOwner }) => {
    try {
      for (const base of bases) paths.push((await fetchProvenBase(context, base ?? DEFAULT_BASE)).diskPath);
      if (foreignOwner !== undefined) await handOverCache(context, folder, foreignOwner);
    } catch (error) {
      if (context.signal.aborted) throw new InterruptedError('interrupted; nothing half-written was left');
      throw error;
    }
    const own = `${context.cacheDir}/`;
    for (const [index, path] of paths.entries()) {
      if (path.startsWith(own)) paths[index] = join(folder, path.slice(own.length));
    }
  });
  return paths.map((path) => `${path}\n`).join('');
}

/**
 * The bases a fleet file names, each once; files of images by their absolute paths.
 * @throws InputError when the file can't be used
 */
export async function listFleetBases(path: string): Promise<string[]> {
  const { entries } = await readFleet(path);
  return [...new Set(entries.map(({ options }) => resolveBase(options.base, dirname(resolve(path)))))];
}
