import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Context } from '../context.ts';
import { InputError } from '../errors.ts';
import type { Disk } from '../model.ts';
import { dumpExt4Folder } from '../tools/ext4.ts';
import { demandReplayedJournal } from './demand-clean.ts';
import { type ImageTree, withImageTree } from './image-tree.ts';

/**
 * Copies folders and single files of the root volume below `destination`, each under its own path, with what
 * symlinks its path goes through (/lib → usr/lib on a merged-/usr system). Absent ones are left out, devices
 * too. Works as an ordinary user, who then owns everything; symlinks inside keep their targets.
 * @param paths absolute
 * @param destination an existing folder
 */
export async function extractTree(
  context: Context,
  disk: Disk,
  paths: readonly string[],
  destination: string,
): Promise<void> {
  await withImageTree(disk, async (tree) => {
    demandReplayedJournal(tree, disk);
    const done = new Set<string>();
    for (const path of paths) {
      const real = await copyLinks(tree, path, destination);
      const { node, volume } = await tree.locate(real);
      if (node === undefined || done.has(real)) continue;
      done.add(real);
      const target = join(destination, real);
      await mkdir(dirname(target), { recursive: true });
      if (volume === 'boot')
        throw new InputError(`${path} is on the boot partition; only the root is extracted`);
      if (node.kind === 'directory') await dumpExt4Folder(context, disk, real, target);
      else if (node.kind === 'file') await writeFile(target, await node.read());
    }
  });
}

/** Makes the symlinks that `path` goes through, relative so that they stay inside; returns where it leads. */
async function copyLinks(tree: ImageTree, path: string, destination: string): Promise<string> {
  const names = path.split('/').filter((name) => name !== '');
  for (let count = 1; count <= names.length; count += 1) {
    const prefix = `/${names.slice(0, count).join('/')}`;
    const link = await tree.locate(prefix);
    if (link.node?.kind !== 'symlink') continue;
    const target = await tree.locate(prefix, 'follow');
    const place = join(destination, link.path);
    await mkdir(dirname(place), { recursive: true });
    await symlink(posix.relative(posix.dirname(link.path), target.path) || '.', place).catch(ignoreExisting);
    return copyLinks(tree, posix.join(target.path, ...names.slice(count)), destination);
  }
  return path;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
