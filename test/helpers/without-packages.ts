import type { Context } from '../../src/core/context.ts';
import type { Disk, FileChange } from '../../src/core/model.ts';
import { applyChanges } from '../../src/customise/apply-changes.ts';
import { DPKG_STATUS } from '../../src/formats/config/base-text.ts';
import { splitParagraphs } from '../../src/formats/debian/deb822.ts';
import { type ImageTree, readText, withImageTree } from '../../src/image/image-tree.ts';
import { readEpoch } from '../../src/image/read-epoch.ts';

const INFO = '/var/lib/dpkg/info';
const KINDS = [
  'list',
  'md5sums',
  'conffiles',
  'shlibs',
  'symbols',
  'triggers',
  'postinst',
  'prerm',
  'postrm',
];

/** Takes packages out of a disk as if they had never been there, but for their folders; without their scripts. */
export async function removePackages(context: Context, disk: Disk, names: readonly string[]): Promise<Disk> {
  const changes = await withImageTree(disk, async (tree) => {
    const status = (await readText(tree, DPKG_STATUS)) ?? '';
    const all = splitParagraphs(status);
    const kept = all.filter((text) => !names.includes(/^Package: (\S+)/m.exec(text)?.[1] ?? ''));
    const stems = names.flatMap((name) => [name, `${name}:arm64`]);
    const lists = await Promise.all(stems.map((stem) => readText(tree, `${INFO}/${stem}.list`)));
    const listed = lists.flatMap((text) => (text ?? '').split('\n')).filter((path) => path.startsWith('/'));
    const info = stems.flatMap((stem) => KINDS.map((kind) => `${INFO}/${stem}.${kind}`));
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
