import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of files and folders that are not complete yet. They are complete when they are renamed. */

/** What `makePartialName` makes, for `removeStale`. */
export const PARTIAL_NAME = /^\.partial-(\d+)-/;

/** A name that no other run has, with the process id: what a killed run leaves is recognized. */
export function makePartialName(): string {
  return `.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/**
 * Where to write a file before it gets its path: hidden beside it, with the process id, so that parallel runs do not
 * collide.
 */
export function getPartialPath(path: string): string {
  return join(path, '..', `.${path.slice(path.lastIndexOf('/') + 1)}.partial-${process.pid}`);
}

/** Gives a complete folder its name. If another run has put the same content there first, that is kept. */
export async function settleFolder(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}
