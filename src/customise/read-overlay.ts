import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BugError } from '../core/errors.ts';

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

/** The folder overlays/rootfs of the package: found from src/ (tsx) and from dist/src/ alike. */
export function overlaysFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new BugError('wwanpi lies in no package');
    folder = parent;
  }
  return join(folder, 'overlays', 'rootfs');
}
