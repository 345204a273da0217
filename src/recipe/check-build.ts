import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Issue } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { LIBQMI_BUILDERS } from './build-request.ts';

/**
 * Checks whether the finished files can be written into a folder, which need not exist yet.
 * @param folder absolute
 * @returns the issue, or undefined
 */
export async function checkOutputFolder(folder: string): Promise<Issue | undefined> {
  const found = await stat(folder).catch(() => undefined);
  const issue = (message: string, hint?: string): Issue => ({
    option: 'output',
    value: folder,
    message,
    hint,
  });
  if (found !== undefined && !found.isDirectory()) return issue('is a file', 'name a folder');
  const nearest = found === undefined ? await findParent(folder) : folder;
  if (!(await stat(nearest)).isDirectory()) return issue(`cannot be made: ${nearest} is a file`, OTHER);
  return access(nearest, constants.W_OK | constants.X_OK).then(
    () => undefined,
    () => issue(`cannot be written: no permission in ${nearest}`, OTHER),
  );
}

const OTHER = 'name another folder';

/** Whether `--libqmi-source` exists. */
export async function checkLibqmiSource(path: unknown): Promise<Issue | undefined> {
  if (typeof path !== 'string') return undefined;
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return undefined;
  return { option: 'libqmi-source', value: path, message: 'cannot be read: no such file' };
}

/** Whether `--builder` is one of the ways to compile libqmi. */
export function checkBuilder(builder: unknown): Issue | undefined {
  if (LIBQMI_BUILDERS.some((name) => name === builder)) return undefined;
  const message = `must be one of ${LIBQMI_BUILDERS.join(', ')}`;
  const value = String(builder);
  return { option: 'builder', value, message, hint: suggestNearest(value, LIBQMI_BUILDERS) };
}

/** Checks whether a cache folder that does not exist can be made. One that cannot be written may hold all there is to read. */
export async function checkCacheFolder(folder: unknown): Promise<Issue | undefined> {
  if (typeof folder !== 'string') return undefined;
  const found = await stat(folder).catch(() => undefined);
  const issue = found?.isDirectory() === true ? undefined : await checkOutputFolder(resolve(folder));
  return issue === undefined ? undefined : { ...issue, option: 'cache-dir' };
}

/** The nearest parent of a path that exists. */
async function findParent(path: string): Promise<string> {
  const parent = dirname(path);
  const found = await stat(parent).catch(() => undefined);
  return found !== undefined || parent === path ? parent : findParent(parent);
}
