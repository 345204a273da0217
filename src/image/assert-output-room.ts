import type { StatsFs } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiskError, NO_SPACE_HINT } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { formatBytes } from '../formats/units.ts';

/** File systems where a copy shares the blocks of its base: Btrfs, XFS, bcachefs (linux/magic.h, bcachefs_format.h). */
const SHARING = new Set([0x9123683e, 0x58465342, 0xca451a4e]);

/**
 * Checks before the long work that the output folder has room for a copy of the base without its holes. That is less
 * than a build needs, so it refuses only what could not end well. The folder need not exist yet.
 * @throws DiskError when the copy does not fit
 */
export async function assertOutputRoom(folder: string, base: Disk): Promise<void> {
  const { type, bavail, bsize } = await statNearest(folder);
  if (SHARING.has(type)) return;
  // st_blocks counts 512 bytes each, on every file system of Linux (stat(2)).
  const neededBytes = (await stat(base.path)).blocks * 512;
  if (bavail * bsize >= neededBytes) return;
  throw new DiskError(
    `${folder} has no room for the image: it needs ${formatBytes(neededBytes)} at least, and ${formatBytes(bavail * bsize)} are free`,
    { hint: NO_SPACE_HINT },
  );
}

async function statNearest(folder: string): Promise<StatsFs> {
  try {
    return await statfs(folder);
  } catch (error) {
    const parent = dirname(folder);
    if (parent === folder) throw error;
    return statNearest(parent);
  }
}
