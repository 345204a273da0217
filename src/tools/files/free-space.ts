import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file system has left for this user. */
export interface FreeSpace {
  readonly freeBytes: number;
  /** The magic number of its type (statfs(2), linux/magic.h). */
  readonly type: number;
}

/** The space on the file system of a folder, or of the nearest one above it that exists. */
export async function readFreeSpace(folder: string): Promise<FreeSpace> {
  try {
    const { bavail, bsize, type } = await statfs(folder);
    return { freeBytes: bavail * bsize, type };
  } catch (error) {
    const parent = dirname(folder);
    if (parent === folder) throw error;
    return readFreeSpace(parent);
  }
}
