import { open, rename, rm, writeFile } from 'node:fs/promises';
import { getPartialPath } from './partial.ts';

/** Writes a temporary file, syncs it and renames it: readers see either the whole old or the whole new file. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  await replaceFile(path, (partial) => writeFile(partial, content, { mode }));
}

/** The same for a file that `make` writes. */
export async function replaceFile(path: string, make: (partial: string) => Promise<void>): Promise<void> {
  const partial = getPartialPath(path);
  try {
    await make(partial);
    await syncFile(partial);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Waits until a file is on the disk, or a folder's names. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
