import { randomBytes } from 'node:crypto';
import { lstat, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { VerificationError } from '../../core/errors.ts';

/**
 * Takes away something of the cache that is not as it was put there, with a warning; whoever wants it makes it again. It
 * loses its name first: another run never finds half of it.
 * @param fault completes "… is damaged (…)"
 * @throws VerificationError where the cache can only be read
 */
export async function discard(context: Context, path: string, fault: string): Promise<void> {
  const name = path.startsWith(`${context.cacheDir}/`) ? path.slice(context.cacheDir.length + 1) : path;
  const gone = join(dirname(path), `.partial-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await rename(path, gone);
    await rm(gone, { recursive: true, force: true });
  } catch (error) {
    // Another run was faster.
    if ((await lstat(path).catch(() => undefined)) === undefined) return;
    throw new VerificationError(
      `${basename(path)} in the cache is damaged (${fault}), and cannot be removed`,
      {
        hint: `delete ${path} as the user it belongs to, or take another folder with --cache-dir`,
        cause: error,
      },
    );
  }
  context.report.warn(`${name} in the cache is damaged (${fault}); it is made again`);
}
