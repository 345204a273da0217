import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { VerificationError } from '../../core/errors.ts';
import { makePartialName } from './partial.ts';

/**
 * Removes a damaged entry of the cache, with a warning. It is renamed first, so that another run never finds a part of it.
 * @param fault completes "… is damaged (…)"
 * @throws VerificationError if the cache is read-only
 */
export async function discard(context: Context, path: string, fault: string): Promise<void> {
  const name = path.startsWith(`${context.cacheDir}/`) ? path.slice(context.cacheDir.length + 1) : path;
  const gone = join(dirname(path), makePartialName());
  try {
    await rename(path, gone);
    await rm(gone, { recursive: true, force: true });
  } catch (error) {
    // Another run removed it first.
    if ((await lstat(path).catch(() => undefined)) === undefined) return;
    throw new VerificationError(
      `${basename(path)} in the cache is damaged (${fault}) and cannot be removed`,
      {
        hint: `delete ${path} as its owner, or use another folder with --cache-dir`,
        cause: error,
      },
    );
  }
  context.report.warn(`${name} in the cache is damaged (${fault}); wwanpi makes it again`);
}
