import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BugError } from '../core/errors.ts';
import { packageRoot } from '../core/package.ts';

/**
 * Reads an overlay by its path in the image: `/etc/resolv.conf.head` is in the package at
 * overlays/rootfs/etc/resolv.conf.head. Overlays are part of the program, so a synchronous read at any time is fine.
 * @throws BugError when it does not exist
 */
export function readOverlay(path: string): string {
  try {
    return readFileSync(join(overlaysFolder(), path), 'utf8');
  } catch (error) {
    throw new BugError(`there is no overlay for ${path}`, { cause: error });
  }
}

/** The folder overlays/rootfs of the package. */
export function overlaysFolder(): string {
  return join(packageRoot, 'overlays', 'rootfs');
}
