import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError, InterruptedError } from '../../core/errors.ts';
import { forEachConcurrent } from './for-each-concurrent.ts';
import { hashFile, sha256Text } from './hash.ts';

/**
 * The contents of a folder, by path below it: the SHA-256 of a file, followed by ` x` if its owner may execute it;
 * `-> TARGET` for a link. Folders are not listed.
 */
export type FolderSums = Readonly<Record<string, string>>;

/** The file in a sealed folder that contains its sums. */
const SUMS_NAME = '.wwanpi-sums.json';
const IN_MEMORY_BYTES = 8 * 1024 ** 2;

/**
 * Hashes all files of a folder.
 * @param leftOut paths below the folder to ignore, with all below them
 */
export async function listSums(
  folder: string,
  signal: AbortSignal,
  leftOut: readonly string[] = [],
): Promise<FolderSums> {
  const sums = new Map<string, string>();
  await forEachConcurrent(await listEntries(folder, '', leftOut), 16, async ({ path, kind }) => {
    if (signal.aborted) throw new InterruptedError('interrupted');
    const full = join(folder, path);
    if (kind === 'file') sums.set(path, await hashEntry(full, signal));
    else sums.set(path, kind === 'link' ? `-> ${await readlink(full)}` : 'neither a file nor a link');
  });
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes a folder's sums into it, for `findFault`. */
export async function sealFolder(folder: string, signal: AbortSignal): Promise<void> {
  const sums = await listSums(folder, signal, [SUMS_NAME]);
  await writeFile(join(folder, SUMS_NAME), JSON.stringify(sums));
}

/** The damage of a sealed folder, such as "usr/bin/qmicli has changed"; undefined if there is none. */
export async function findFault(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const wanted = parseSums(await readFile(join(folder, SUMS_NAME), 'utf8').catch(() => ''));
  if (wanted === undefined) return 'its list of hashes is missing or damaged';
  const found = await listSums(folder, signal, [SUMS_NAME]).catch(toReadFault);
  return typeof found === 'string' ? found : compareSums(wanted, found);
}

/** Describes the first difference. */
export function compareSums(wanted: FolderSums, found: FolderSums): string | undefined {
  for (const [path, sum] of Object.entries(wanted)) {
    if (!Object.hasOwn(found, path)) return `${path} is missing`;
    if (found[path] !== sum) return `${path} has changed`;
  }
  const added = Object.keys(found).find((path) => !Object.hasOwn(wanted, path));
  return added === undefined ? undefined : `${added} does not belong there`;
}

/** Sums as JSON; undefined for anything else. */
export function parseSums(text: string): FolderSums | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.values(value).every((sum) => typeof sum === 'string') ? (value as FolderSums) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Describes a read error that means damage: the file is gone, is not a file, or the disk cannot read it.
 * @throws any other error, unchanged
 */
export function toReadFault(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!/^(ENOENT|ENOTDIR|EISDIR|ELOOP|EINVAL|EIO|EUCLEAN|EBADMSG)$/.test(code)) throw error;
  return `it cannot be read: ${explainFileError(error as NodeJS.ErrnoException)}`;
}

interface Entry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'other';
}

async function listEntries(folder: string, prefix: string, leftOut: readonly string[]): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = join(prefix, entry.name);
    if (leftOut.includes(path)) continue;
    if (entry.isDirectory()) found.push(...(await listEntries(folder, path, leftOut)));
    else found.push({ path, kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other' });
  }
  return found;
}

async function hashEntry(path: string, signal: AbortSignal): Promise<string> {
  const { mode, size } = await stat(path);
  const hash = size > IN_MEMORY_BYTES ? await hashFile(path, signal) : sha256Text(await readFile(path));
  return (mode & 0o100) === 0 ? hash : `${hash} x`;
}
