import type { Disk } from '../core/model.ts';
import { parseCardText } from '../formats/card-settings/card-text.ts';
import { CARD_KEYS, STORED } from '../formats/card-settings/keys.ts';
import type { TreeNode } from '../formats/tree-reader.ts';
import { withImageTree } from '../image/image-tree.ts';
import { type BootRecord, journalLines } from './boot-record.ts';

/** Where the Pi keeps what it writes; programs are not searched. */
const FOLDERS = ['/etc', '/home', '/opt', '/root', '/srv', '/tmp', '/usr/lib/wwanpi', '/usr/local', '/var'];
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Where secrets that somebody typed into wwanpi.txt can still be read after a boot, in words: on the boot partition, in
 * files that are not root's alone, in the journal, on the console.
 * @param disk with its journal replayed
 * @param set what was typed, by its key
 */
export async function findSecrets(
  disk: Disk,
  set: Readonly<Record<string, string>>,
  record: BootRecord,
): Promise<string[]> {
  const keys = CARD_KEYS.filter(({ key, secret }) => secret && (set[key] ?? '') !== '').map(({ key }) => key);
  const secrets = keys.map((key) => set[key] ?? '');
  if (secrets.length === 0) return [];
  const holds = (text: string) => secrets.some((secret) => text.includes(secret));
  const said = [...journalLines(record), ...record.console.map(({ text }) => text)];
  return withImageTree(disk, async (tree) => {
    const found = said.some(holds) ? ['a secret is in the journal or on the console'] : [];
    const card = await (await tree.locate(`${tree.bootFolder}/wwanpi.txt`)).node?.read();
    const values = card === undefined ? undefined : parseCardText(card).values;
    for (const key of keys)
      if (values?.get(key) !== STORED) found.push(`${key} in wwanpi.txt is not ${STORED}`);
    const search = async (path: string, node: TreeNode) => {
      if (node.kind === 'directory') {
        for (const child of await node.children()) await search(`${path}/${child.name}`, await child.open());
      }
      if (node.kind !== 'file' || node.sizeBytes > MAX_BYTES) return;
      const isRoots = node.uid === 0 && (node.mode & 0o077) === 0 && !path.startsWith(`${tree.bootFolder}/`);
      if (isRoots || !holds(Buffer.from(await node.read()).toString('latin1'))) return;
      found.push(`a secret is in ${path}, mode ${node.mode.toString(8)}`);
    };
    await search(tree.bootFolder, tree.fat.root);
    for (const folder of FOLDERS) {
      const { node } = await tree.locate(folder);
      if (node !== undefined) await search(folder, node);
    }
    return found;
  });
}
