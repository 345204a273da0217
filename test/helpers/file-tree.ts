import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BaseFile, BaseFiles, FileChange } from '../../src/core/model.ts';

/** Every file, link and folder below a folder, by path: what it is, its mode, and its content or target. */
export async function describeTree(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const path of (await readdir(root, { recursive: true })).sort()) {
    const full = join(root, path);
    const stats = await lstat(full);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) tree[`/${path}`] = `-> ${await readlink(full)}`;
    else if (stats.isDirectory()) tree[`/${path}`] = `folder ${mode}`;
    else tree[`/${path}`] = `file ${mode} ${await readFile(full, 'utf8')}`;
  }
  return tree;
}

/** The files of these paths in a folder, as a planner sees them. */
export async function readTreeFiles(root: string, paths: readonly string[]): Promise<BaseFiles> {
  const entries = paths.map(async (path): Promise<[string, BaseFile | undefined]> => {
    const content = await readFile(join(root, path)).catch(() => undefined);
    if (content === undefined) return [path, undefined];
    const { mode, uid, gid } = await lstat(join(root, path));
    return [path, { content, mode: mode & 0o7777, uid, gid }];
  });
  return new Map(await Promise.all(entries));
}

/** Carries out changes in a folder; owners stay those of the process. */
export async function carryOut(root: string, changes: readonly FileChange[]): Promise<void> {
  for (const change of changes) {
    const full = join(root, change.path);
    if (change.kind === 'directory') {
      await mkdir(full, { recursive: true });
      await chmod(full, change.mode);
      continue;
    }
    await rm(full, { force: true });
    await mkdir(dirname(full), { recursive: true });
    if (change.kind === 'symlink') await symlink(change.target, full);
    if (change.kind !== 'file') continue;
    await writeFile(full, change.content);
    await chmod(full, change.mode);
  }
}
