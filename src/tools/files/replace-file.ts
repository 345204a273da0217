import { open, rename, rm } from 'node:fs/promises';
import { getPartialPath } from './partial.ts';

/** Writes a temporary file, syncs it and renames it: readers see either the whole old or the whole new file. */
export async function writeFileAtomic(path: string, text: string, mode = 0o666): Promise<void> {
  const temporary = getPartialPath(path);
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
