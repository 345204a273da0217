import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BugError } from '../core/errors.ts';
import type { Stack, SystemFacts } from '../core/model.ts';
import { packageRoot } from '../core/package.ts';

/** The system of Raspbian Stretch. */
const DEFAULT_SYSTEM: Pick<SystemFacts, 'stack' | 'bootFolder'> = { stack: 'ifupdown', bootFolder: '/boot' };

/**
 * Reads an overlay by its path in the image: `/etc/resolv.conf.head` is in the package at
 * overlays/rootfs/etc/resolv.conf.head. One in the folder of the base's stack comes first. Each line `# @@PART name@@`
 * becomes the text of overlays/parts/name, which files of several stacks share, and each `@@BOOT@@` the boot folder.
 * Overlays are part of the program, so a synchronous read at any time is fine.
 * @throws BugError when it does not exist
 */
export function readOverlay(path: string, { stack, bootFolder } = DEFAULT_SYSTEM): string {
  const own = join(overlaysFolder(stack), path);
  const text = texts.get(own) ?? readWhole(own, path);
  texts.set(own, text);
  return text.replaceAll('@@BOOT@@', bootFolder);
}

/** A fleet asks for the same ones for each of its images. */
const texts = new Map<string, string>();

function readWhole(own: string, path: string): string {
  try {
    const text = readFileSync(existsSync(own) ? own : join(overlaysFolder(), path), 'utf8');
    return text.replaceAll(PART, (_match, name: string) => readPart(name));
  } catch (error) {
    throw new BugError(`there is no overlay for ${path}`, { cause: error });
  }
}

const PART = /^# @@PART ([a-z-]+)@@\n/gm;

/** Its text without its first lines, up to an empty one: they say what it is. */
function readPart(name: string): string {
  const text = readFileSync(join(packageRoot, 'overlays', 'parts', name), 'utf8');
  return text.slice(text.indexOf('\n\n') + 2);
}

/** The folder of overlays: those of a stack alone, or those that every stack takes (overlays/rootfs). */
export function overlaysFolder(stack: Stack = 'ifupdown'): string {
  return join(packageRoot, 'overlays', stack === 'ifupdown' ? 'rootfs' : stack);
}
