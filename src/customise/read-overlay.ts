import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BugError } from '../core/errors.ts';
import { packageRoot } from '../core/package.ts';

/**
 * The text of an overlay, by the path it has in the image: `/etc/resolv.conf.head` lies in the package at
 * overlays/rootfs/etc/resolv.conf.head. Part of the program as its code is, so read when asked for.
 * @throws BugError when there is none
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
