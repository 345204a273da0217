import { InputError } from '../core/errors.ts';
import type { BaseFile, BaseFiles, Disk } from '../core/model.ts';
import { type ImageTree, withImageTree } from './image-tree.ts';

/** The largest file that stages read is dpkg's status, which has 6 MB for 4,000 packages. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads the files of the base that stages need, and follows symlinks as the running Pi does. An absent file, or a
 * symlink to nothing in the image (/etc/resolv.conf → /run/…), maps to undefined.
 * @param paths absolute
 * @throws InputError when one is a directory or too large, or the image cannot be read
 */
export async function readBaseFiles(disk: Disk, paths: readonly string[]): Promise<BaseFiles> {
  return withImageTree(disk, async (tree) => {
    const files = new Map<string, BaseFile | undefined>();
    for (const path of paths) files.set(path, await readBaseFile(tree, path));
    return files;
  });
}

async function readBaseFile(tree: ImageTree, path: string): Promise<BaseFile | undefined> {
  const { node } = await tree.locate(path, 'follow');
  if (node === undefined) return undefined;
  if (node.kind !== 'file') throw new InputError(`${path} in the base image is a ${node.kind}, not a file`);
  return { content: await node.read(MAX_BYTES), mode: node.mode, uid: node.uid, gid: node.gid };
}
