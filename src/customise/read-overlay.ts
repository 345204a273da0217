import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BugError } from '../core/errors.ts';
import type { Stack, SystemFacts } from '../core/model.ts';
import { packageRoot } from '../core/package.ts';

/** The system of Raspbian Stretch. */
const DEFAULT_SYSTEM: Pick<SystemFacts, 'stack' | 'bootFolder'> = { stack: 'ifupdown', bootFolder: '/boot' };

/**
 * Reads an overlay by its path in the image: `/etc/resolv.conf.head` is in the package at
 * overlays/rootfs/etc/resolv.conf.head. One in the folder of the base's stack comes first. Each `@@BOOT@@` becomes the
 * boot folder. Overlays are part of the program, so a synchronous read at any time is fine.
 * @throws BugError when it does not exist
 */
export function readOverlay(path: string, { stack, bootFolder } = DEFAULT_SYSTEM): string {
  try {
    const own = join(overlaysFolder(stack), path);
    const text = readFileSync(existsSync(own) ? own : join(overlaysFolder(), path), 'utf8');
    return text.replaceAll('@@BOOT@@', bootFolder);
  } catch (error) {
    throw new BugError(`there is no overlay for ${path}`, { cause: error });
  }
}

/** The folder of overlays: those of a stack alone, or those that every stack takes (overlays/rootfs). */
export function overlaysFolder(stack: Stack = 'ifupdown'): string {
  return join(packageRoot, 'overlays', stack === 'ifupdown' ? 'rootfs' : stack);
}
