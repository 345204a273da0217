import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes what runs that were killed outright left in a folder: entries whose name has the process id of one
 * that is gone, as the first group of `pattern`, and that were not touched for `minAgeMs` (a container that shares
 * the folder has process ids of its own). What cannot be removed (another user's) is left alone.
 */
export async function removeStale(folder: string, pattern: RegExp, minAgeMs = 0): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < minAgeMs) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
