import { relative } from 'node:path';
import type { Context } from '../core/context.ts';

/** Writes modules.dep and the other indexes for the modules under `root`/lib/modules/`release` (depmod(8)). */
export async function runDepmod(context: Context, root: string, release: string): Promise<void> {
  await context.exec(['depmod', '-b', root, release]);
}

/**
 * The files of the modules and their dependencies, in load order, each once, relative to `root`. Modules that are
 * built into the kernel are left out.
 * @throws ToolFailedError when the kernel has no such module.
 */
export async function resolveModules(
  context: Context,
  root: string,
  release: string,
  names: readonly string[],
): Promise<string[]> {
  const { stdout } = await context.exec([
    'modprobe',
    '--dirname',
    root,
    '--set-version',
    release,
    '--show-depends',
    '--all',
    ...names,
  ]);
  const paths = [...stdout.matchAll(/^insmod (\S+)/gm)].map((match) => relative(root, match[1] ?? ''));
  return [...new Set(paths)];
}
