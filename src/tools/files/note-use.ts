import { lstat, utimes } from 'node:fs/promises';

/** The time of use is written only if it is wrong by more than this. */
const USE_GRAIN_MS = 600_000;

/** Sets the time of a cached file or folder to now. Refusal is ignored: another user's entry can be read, but not changed. */
export async function noteUse(path: string): Promise<void> {
  const now = new Date();
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isSymbolicLink()) return;
  if (now.getTime() - found.mtimeMs > USE_GRAIN_MS) await utimes(path, now, now).catch(() => undefined);
}
