import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes the entries that killed runs left in a folder: the name contains the id of an ended process, as the first
 * group of `pattern`, and the entry is older than `minAgeMs` (a container that shares the folder has its own process
 * ids). Entries of other users are left: in /tmp anyone can plant one, and swap a folder in it for a link while root
 * removes what is in there.
 */
export async function removeStale(folder: string, pattern: RegExp, minAgeMs = 0): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const found = await lstat(join(folder, name)).catch(() => undefined);
    if (found === undefined || found.uid !== process.getuid?.()) continue;
    if (Date.now() - found.mtimeMs < minAgeMs) continue;
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
