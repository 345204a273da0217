import { InputError } from '../core/errors.ts';
import type { VolumeName } from '../core/model.ts';
import { mergeRanges } from '../formats/byte-range.ts';
import { redactCredentials } from '../formats/redact-credentials.ts';
import { decodeText, diffTexts } from '../formats/text-diff.ts';
import type { FileContent, TreeChild, TreeNode } from '../formats/tree-reader.ts';

/** One path at which two volumes differ. */
export interface FileDifference {
  /** Path on the running Pi. */
  readonly path: string;
  readonly volume: VolumeName;
  readonly status: 'added' | 'removed' | 'changed';
  /** What differs; empty unless `changed`. */
  readonly aspects: readonly Aspect[];
  readonly before?: FileFacts;
  readonly after?: FileFacts;
  /** A unified diff without passwords; only for text files that every user of the Pi can read. */
  readonly text?: readonly string[];
  /** Why `text` is absent although the content differs. */
  readonly hidden?: 'secret' | 'binary' | 'large';
}

/** A property that can differ between two versions of a file. */
export type Aspect = 'kind' | 'mode' | 'owner' | 'mtime' | 'size' | 'content' | 'target' | 'xattrs';

/** The properties of a file on one side. */
export interface FileFacts {
  readonly kind: TreeNode['kind'];
  /** Four octal digits. */
  readonly mode: string;
  readonly owner: string;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** Of a symlink. */
  readonly target?: string;
  /** Extended attributes as `NAME=VALUE`, the value in hex, sorted by name; absent if there are none. */
  readonly xattrs?: readonly string[];
}

/** Texts beyond this are not compared line by line. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** How much of two files is in memory at once. */
const PIECE_BYTES = 1024 * 1024;
/** A full desktop has 200,000 files. All differences are in memory, half a gigabyte for so many. */
const MAX_DIFFERENCES = 500_000;
/** How many texts are shown, and their characters in all; what comes after is told without its text. */
const MAX_SHOWN_TEXTS = 20_000;
const MAX_SHOWN_LENGTH = 32 * 1024 * 1024;

/**
 * Every path at which two volumes of the same kind differ, in path order; a folder comes before its contents.
 * @param prefix where the volume is mounted: '' or the boot folder
 * @param onBytes told the length of each piece that was compared
 * @throws InputError when a volume is damaged, or next to nothing is the same
 */
export async function compareTrees(
  volume: VolumeName,
  prefix: string,
  before: TreeNode,
  after: TreeNode,
  onBytes: (count: number) => void = () => undefined,
): Promise<FileDifference[]> {
  const differences: FileDifference[] = [];
  const walk: Walk = { volume, onBytes, sameContent: new Map(), shownTexts: 0, shownLength: 0 };
  const visit = async (path: string, a: TreeNode | undefined, b: TreeNode | undefined): Promise<void> => {
    const difference = await compareNodes(walk, path, a, b);
    // A volume's root is always there, and shown only when it differs.
    if (difference !== undefined && differences.push(difference) > MAX_DIFFERENCES) throw tooMany(volume);
    for (const [name, childA, childB] of pair(await getChildren(a), await getChildren(b))) {
      await visit(`${path === '/' ? '' : path}/${name}`, await childA?.open(), await childB?.open());
    }
  };
  await visit(prefix === '' ? '/' : prefix, before, after);
  return differences;
}

function tooMany(volume: VolumeName): InputError {
  return new InputError(`the ${volume} file systems differ in more than ${MAX_DIFFERENCES} files`, {
    hint: 'compare images of the same system; mount other ones, and use diff -r',
  });
}

interface Walk {
  readonly volume: VolumeName;
  readonly onBytes: (count: number) => void;
  /** By both files' ids: one file may have thousands of names, and is read once. */
  readonly sameContent: Map<string, boolean>;
  shownTexts: number;
  shownLength: number;
}

async function compareNodes(
  walk: Walk,
  path: string,
  a: TreeNode | undefined,
  b: TreeNode | undefined,
): Promise<FileDifference | undefined> {
  const { volume } = walk;
  const [before, after] = await Promise.all([getFacts(a), getFacts(b)]);
  const common = { path, volume, before, after };
  if (a === undefined || b === undefined || before === undefined || after === undefined) {
    const status = a === undefined ? ('added' as const) : ('removed' as const);
    const shown = a === undefined ? await showContent(walk, undefined, b) : {};
    return { ...common, status, aspects: [], ...shown };
  }
  const aspects: Aspect[] = [];
  if (before.kind !== after.kind) aspects.push('kind');
  if (before.mode !== after.mode) aspects.push('mode');
  if (before.owner !== after.owner) aspects.push('owner');
  if (before.mtimeSeconds !== after.mtimeSeconds) aspects.push('mtime');
  if (before.target !== after.target) aspects.push('target');
  if (before.xattrs?.join() !== after.xattrs?.join()) aspects.push('xattrs');
  // The size of a directory depends on its list of names and is of no interest.
  if (a.kind === 'file' && b.kind === 'file') {
    if (a.sizeBytes !== b.sizeBytes) aspects.push('size', 'content');
    else if (!(await haveSameContent(walk, a, b))) aspects.push('content');
  }
  if (aspects.length === 0) return undefined;
  const shown = aspects.includes('content') ? await showContent(walk, a, b) : {};
  return { ...common, status: 'changed', aspects, ...shown };
}

async function getFacts(node: TreeNode | undefined): Promise<FileFacts | undefined> {
  if (node === undefined) return undefined;
  const xattrs = [...(await node.xattrs())].map(
    ([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`,
  );
  return {
    kind: node.kind,
    mode: node.mode.toString(8).padStart(4, '0'),
    owner: `${node.uid}:${node.gid}`,
    sizeBytes: node.sizeBytes,
    mtimeSeconds: node.mtimeSeconds,
    ...(node.kind === 'symlink' ? { target: await node.readLink() } : {}),
    ...(xattrs.length === 0 ? {} : { xattrs: xattrs.sort() }),
  };
}

/** Of two files of one size. */
async function haveSameContent({ sameContent, onBytes }: Walk, a: TreeNode, b: TreeNode): Promise<boolean> {
  if (a.sizeBytes === 0) return true;
  const key = `${a.id}:${b.id}`;
  const known = sameContent.get(key);
  if (known !== undefined) return known;
  const same = await compareContent(await a.content(), await b.content(), onBytes);
  sameContent.set(key, same);
  return same;
}

async function compareContent(
  a: FileContent,
  b: FileContent,
  onBytes: (count: number) => void,
): Promise<boolean> {
  for (const { start, end } of mergeRanges([...a.data, ...b.data])) {
    for (let at = start; at < end; at += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, end - at);
      if (Buffer.compare(await a.read(at, length), await b.read(at, length)) !== 0) return false;
      onBytes(length);
    }
  }
  return true;
}

/** The text of a change. A file that some users of the Pi cannot read is not shown. */
async function showContent(
  walk: Walk,
  a: TreeNode | undefined,
  b: TreeNode | undefined,
): Promise<Pick<FileDifference, 'text' | 'hidden'>> {
  const files = [a, b].filter((node) => node !== undefined).filter((node) => node.kind === 'file');
  if (files.length === 0) return {};
  if (walk.volume === 'root' && files.some((node) => (node.mode & 0o004) === 0)) return { hidden: 'secret' };
  if (walk.shownTexts >= MAX_SHOWN_TEXTS || walk.shownLength > MAX_SHOWN_LENGTH) return { hidden: 'large' };
  walk.shownTexts += 1;
  if (files.some((node) => node.sizeBytes > MAX_TEXT_BYTES)) return { hidden: 'large' };
  const [before, after] = await Promise.all([a, b].map(readRedacted));
  if (before === undefined || after === undefined) return { hidden: 'binary' };
  const text = diffTexts(before, after) ?? [];
  walk.shownLength += text.reduce((sum, line) => sum + line.length, 0);
  // They differ only in the parts that were redacted.
  return text.length === 0 && files.length === 2 ? { hidden: 'secret' } : { text };
}

async function readRedacted(node: TreeNode | undefined): Promise<Uint8Array | undefined> {
  if (node?.kind !== 'file') return new Uint8Array();
  const text = decodeText(await node.read(MAX_TEXT_BYTES));
  return text === undefined ? undefined : Buffer.from(redactCredentials(text));
}

async function getChildren(node: TreeNode | undefined): Promise<readonly TreeChild[]> {
  return node?.kind === 'directory' ? node.children() : [];
}

/** The entries of two directories by name. */
function* pair(
  a: readonly TreeChild[],
  b: readonly TreeChild[],
): Iterable<[name: string, a: TreeChild | undefined, b: TreeChild | undefined]> {
  const byName = (children: readonly TreeChild[]) => new Map(children.map((child) => [child.name, child]));
  const [first, second] = [byName(a), byName(b)];
  const names = [...first.keys(), ...[...second.keys()].filter((name) => !first.has(name))].sort();
  for (const name of names) yield [name, first.get(name), second.get(name)];
}
