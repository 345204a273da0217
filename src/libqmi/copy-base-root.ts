import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import type { TreeNode } from '../formats/tree-reader.ts';
import { withImageTree } from '../image/image-tree.ts';
import { openFolder } from '../tools/files/write-below.ts';

/** The base's folders with programs and their settings; a compiler needs only these. */
const FOLDERS = ['bin', 'etc', 'lib', 'sbin', 'usr'];

/** Raspbian with a desktop has about 150,000 entries and 4 GB. */
const MAX_DEPTH = 60;
const MAX_ENTRIES = 1_000_000;
const MAX_BYTES = 16 * 1024 ** 3;

/**
 * Copies the base's programs into the empty folder `root`, with wwanpi's own reader. Symlinks are copied, never followed.
 * Set-id bits, owners, devices and times are not copied, and the user can read and write everything.
 * @throws InputError if the image cannot be read, or exceeds the limits; InterruptedError
 */
export async function copyBaseRoot(context: Context, disk: Disk, root: string): Promise<void> {
  const folder = openFolder(root);
  let entries = 0;
  let bytes = 0;
  const copy = async (path: string, node: TreeNode, depth: number): Promise<void> => {
    entries += 1;
    bytes += node.kind === 'file' ? node.sizeBytes : 0;
    if (depth > MAX_DEPTH || entries > MAX_ENTRIES || bytes > MAX_BYTES) {
      throw new InputError(`the base's root is too large or too deep to be copied (at ${path})`, {
        hint: 'it is damaged or hostile; use a stock image',
      });
    }
    if (node.kind === 'symlink') await folder.symlink(path, await node.readLink());
    if (node.kind === 'file') await folder.file(path, await node.read(), (node.mode & 0o777) | 0o600);
    if (node.kind !== 'directory') return;
    await folder.directory(path);
    for (const child of await node.children())
      await copy(`${path}/${child.name}`, await child.open(), depth + 1);
  };
  await withImageTree(
    disk,
    async ({ ext4 }) => {
      for (const name of FOLDERS) {
        const node = await ext4.root.find(name);
        if (node !== undefined) await copy(name, node, 1);
      }
    },
    context.signal,
  );
}
