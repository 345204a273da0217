import { stat } from 'node:fs/promises';
import { DiskError, NO_SPACE_HINT } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { formatBytes } from '../formats/units.ts';
import { readFreeSpace } from '../tools/files/free-space.ts';

/** File systems where a copy shares the blocks of its base: Btrfs, XFS, bcachefs (linux/magic.h, bcachefs_format.h). */
const SHARING = new Set([0x9123683e, 0x58465342, 0xca451a4e]);

/**
 * Checks before the long work that the output folder has room for a copy of the base without its holes. That is less
 * than a build needs, so it refuses only what could not end well. The folder need not exist yet.
 * @throws DiskError when the copy does not fit
 */
export async function assertOutputRoom(folder: string, base: Disk): Promise<void> {
  const { type, freeBytes } = await readFreeSpace(folder);
  if (SHARING.has(type)) return;
  // st_blocks counts 512 bytes each, on every file system of Linux (stat(2)).
  const neededBytes = (await stat(base.path)).blocks * 512;
  if (freeBytes >= neededBytes) return;
  throw new DiskError(
    `${folder} has no room for the image: it needs ${formatBytes(neededBytes)} at least, and ${formatBytes(freeBytes)} are free`,
    { hint: NO_SPACE_HINT },
  );
}
