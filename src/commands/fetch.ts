import { dirname, join, resolve } from 'node:path';
import { DEFAULT_BASE } from '../base/bases.ts';
import { fetchProvenBase } from '../base/prove-base.ts';
import type { Context } from '../core/context.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { resolveBase } from '../fleet/make-fleet-jobs.ts';
import { assertSound, readFleet } from '../fleet/make-fleet-plan.ts';
import { handOverCache } from '../host/hand-over.ts';
import { defaultCacheDir, withRun } from '../host/with-run.ts';
import { canCompileLibqmi, planEarlyLibqmi } from '../libqmi/compile-early.ts';
import type { Apt } from '../tools/debian/apt.ts';

/**
 * Fetches or builds bases into the cache, one after the other, and checks each against its SHA-256. Root gives them to
 * the cache's owner. While a base is built, the libqmi that is compiled for it goes into the cache too, where that is
 * possible.
 * @param bases names or image files; undefined is the default base
 * @returns the paths of their raw images, one per line
 */
export async function runFetch(
  report: Reporter,
  bases: readonly (string | undefined)[],
  options: { cacheDir?: string | undefined; requireUpdates?: boolean } = {},
): Promise<string> {
  const folder = resolve(options.cacheDir ?? defaultCacheDir());
  return withRun({ ...options, report, cacheDir: folder }, async ({ context, foreignOwner }) => {
    const paths: string[] = [];
    try {
      for (const base of bases) paths.push(await fetchOne(context, base ?? DEFAULT_BASE));
      if (foreignOwner !== undefined) await handOverCache(context, folder, foreignOwner);
    } catch (error) {
      if (context.signal.aborted) throw new InterruptedError('interrupted; no partial files are left');
      throw error;
    }
    // For root they are in a cache of its own until the run ends, and from then on in the owner's.
    const own = `${context.cacheDir}/`;
    return paths
      .map((path) => (path.startsWith(own) ? join(folder, path.slice(own.length)) : path))
      .map((path) => `${path}\n`)
      .join('');
  });
}

async function fetchOne(context: Context, base: string): Promise<string> {
  const request = { base, builder: 'clang', libqmi: undefined, libqmiSource: undefined } as const;
  const libqmi = planEarlyLibqmi(context, request);
  let compiles = Promise.resolve();
  const compile = async (apt: Apt): Promise<void> => {
    if (!(await canCompileLibqmi(context))) return;
    libqmi.onBuild(apt);
    await libqmi.finish();
  };
  const onBuild = (apt: Apt): void => {
    compiles = compile(apt).catch((error: unknown) => {
      if (context.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      context.report.warn(`libqmi is not compiled yet: ${why}; a build tries again`);
    });
  };
  try {
    return (await fetchProvenBase(context, base, { onBuild })).diskPath;
  } finally {
    await compiles;
  }
}

/**
 * Lists the bases of a fleet file without duplicates; image files by their absolute paths.
 * @throws InputError when the file is invalid
 */
export async function listFleetBases(path: string): Promise<string[]> {
  const source = await readFleet(path);
  assertSound(source);
  const { entries } = source;
  return [...new Set(entries.map(({ options }) => resolveBase(options.base, dirname(resolve(path)))))];
}
