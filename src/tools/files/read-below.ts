import { constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';

/** A file or symlink below a folder. */
export interface FoundEntry {
  /** Relative to the folder: `usr/bin/qmicli`. */
  readonly path: string;
  readonly kind: 'file' | 'symlink';
  /** A file's content, or a symlink's target as UTF-8. */
  read(): Promise<Buffer>;
}

/** Far above those of a compiled libqmi or its source tree. */
const MAX_DEPTH = 40;
const MAX_ENTRIES = 100_000;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Lists every file and symlink below a folder that a foreign program has written to, sorted. Follows no symlink; if the
 * folder itself is one, the list is empty. No other process may write to the folder any more.
 * @returns an empty list if the folder does not exist
 * @throws InputError for more or deeper files than the limits
 */
export async function listBelow(folder: string): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  const visit = async (prefix: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw new InputError(`${folder} has folders more than ${MAX_DEPTH} deep`);
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
      const path = join(prefix, entry.name);
      if (entry.isDirectory()) await visit(path, depth + 1);
      const kind = entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'symlink' : undefined;
      if (kind === undefined) continue;
      const full = join(folder, path);
      const read = kind === 'file' ? () => readPlainFile(full) : () => readlink(full, 'buffer');
      if (found.push({ path, kind, read }) > MAX_ENTRIES) {
        throw new InputError(`${folder} has more than ${MAX_ENTRIES} files`);
      }
    }
  };
  const stats = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (stats?.isDirectory()) await visit('', 0);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readPlainFile(path: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
      throw new InputError(`${path} is not a file of at most ${MAX_FILE_BYTES} bytes`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
