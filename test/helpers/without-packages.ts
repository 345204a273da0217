import type { Context } from '../../src/core/context.ts';
import type { Disk, FileChange } from '../../src/core/model.ts';
import { applyChanges } from '../../src/customise/apply-changes.ts';
import { DPKG_STATUS } from '../../src/formats/config/base-text.ts';
import { splitParagraphs } from '../../src/formats/debian/deb822.ts';
import { getDpkgFiles, getPackageName } from '../../src/formats/debian/dpkg-database.ts';
import { type ImageTree, readText, withImageTree } from '../../src/image/image-tree.ts';
import { readEpoch } from '../../src/image/read-epoch.ts';

/** Takes packages out of a disk as if they had never been there, but for their folders; without their scripts. */
export async function removePackages(context: Context, disk: Disk, names: readonly string[]): Promise<Disk> {
  const changes = await withImageTree(disk, async (tree) => {
    const status = (await readText(tree, DPKG_STATUS)) ?? '';
    const kept = splitParagraphs(status).filter((text) => !names.includes(getPackageName(text)));
    const files = getDpkgFiles(names.map((name) => ({ name, architecture: 'arm64' })));
    const info = files.filter((path) => path !== DPKG_STATUS);
    const lists = await Promise.all(
      info.filter((path) => path.endsWith('.list')).map((path) => readText(tree, path)),
    );
    const listed = lists.flatMap((text) => (text ?? '').split('\n')).filter((path) => path.startsWith('/'));
    const text = kept.map((paragraph) => `${paragraph}\n\n`).join('');
    const meta = { stage: 'test', mode: 0o644, uid: 0, gid: 0 };
    return [
      ...(await listPresent(tree, [...listed, ...info])).map(
        (path): FileChange => ({ kind: 'remove', stage: 'test', path }),
      ),
      { kind: 'file', path: DPKG_STATUS, content: Buffer.from(text), ...meta } as FileChange,
    ];
  });
  return applyChanges(context, disk, changes, await readEpoch(disk));
}

/** Files and links that are there, each once. */
async function listPresent(tree: ImageTree, paths: readonly string[]): Promise<string[]> {
  const present: string[] = [];
  for (const path of new Set(paths)) {
    const { node } = await tree.locate(path);
    if (node !== undefined && node.kind !== 'directory') present.push(path);
  }
  return present;
}
