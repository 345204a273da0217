import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk } from '../core/model.ts';
import type { TreeNode } from '../formats/tree-reader.ts';
import { withImageTree } from '../image/image-tree.ts';
import { SYSROOT_FOLDERS, type SysrootFolder } from './copy-base-libraries.ts';

/**
 * Copies the files that a sysroot is made from out of a disk to the host's folder `tree`: the selected files of
 * SYSROOT_FOLDERS, and those of `files` that exist. Owners and modes are not kept.
 * @param files absolute paths in the base
 * @throws InputError when the image cannot be read
 */
export async function extractBaseFiles(disk: Disk, files: readonly string[], tree: string): Promise<void> {
  await withImageTree(disk, async (image) => {
    const seen = new Set<string>();
    for (const folder of SYSROOT_FOLDERS) {
      const { node, path } = await image.locate(folder.path, 'follow');
      // On a merged-/usr base, /lib/… is /usr/lib/…; copy it once.
      if (node?.kind !== 'directory' || seen.has(path)) continue;
      seen.add(path);
      await extractFolder(node, folder, join(tree, folder.path));
    }
    for (const path of files) {
      const { node } = await image.locate(path, 'follow');
      if (node?.kind === 'file') await put(join(tree, path), await node.read());
    }
  });
}

async function extractFolder(node: TreeNode, folder: SysrootFolder, target: string): Promise<void> {
  for (const name of await node.list()) {
    if (!folder.deep && !folder.wants.test(name)) continue;
    const child = await node.find(name);
    if (child?.kind === 'directory' && folder.deep) await extractFolder(child, folder, join(target, name));
    if (!folder.wants.test(name)) continue;
    if (child?.kind === 'file') await put(join(target, name), await child.read());
    if (child?.kind === 'symlink') {
      await mkdir(target, { recursive: true });
      await symlink(await child.readLink(), join(target, name));
    }
  }
}

async function put(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
