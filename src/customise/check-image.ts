import { createHash } from 'node:crypto';
import type { Context } from '../core/context.ts';
import { InputError, VerificationError } from '../core/errors.ts';
import type { Disk, FileChange, StoredFile } from '../core/model.ts';
import type { TreeNode } from '../formats/tree-reader.ts';
import { type ImageTree, type Location, withImageTree } from '../image/image-tree.ts';
import { checkExt4 } from '../tools/disk/ext4.ts';
import { checkFat, fatSeconds } from '../tools/disk/fat.ts';

/**
 * Checks a finished disk: e2fsck and fsck.fat find no error, and every change is present with its content, owner, mode
 * and time. wwanpi's own readers read it back, not the programs that wrote it.
 * @throws VerificationError naming the file and what differs
 */
export async function checkImage(
  context: Context,
  disk: Disk,
  changes: readonly FileChange[],
  epochSeconds: number,
): Promise<void> {
  const done = context.report.step('Check');
  await checkExt4(context, disk);
  await checkFat(context, disk);
  try {
    const checkAll = async (tree: ImageTree) => {
      for (const change of changes) await checkChange(tree, change, epochSeconds);
    };
    await withImageTree(disk, checkAll, context.signal);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new VerificationError(`the finished image cannot be read back: ${error.message}`, { cause: error });
  }
  done();
}

async function checkChange(tree: ImageTree, change: FileChange, epochSeconds: number): Promise<void> {
  const location = await tree.locate(change.path, change.kind === 'directory' ? 'follow' : undefined);
  const differences =
    change.kind === 'move'
      ? compareMove(location, await tree.locate(change.from))
      : await compare(change, location, epochSeconds);
  if (differences.length === 0) return;
  throw new VerificationError(
    `${change.path} in the finished image is not as planned: ${differences.join('; ')}`,
  );
}

function compareMove(location: Location, from: Location): string[] {
  const isThere = location.node?.kind === 'directory';
  return [
    ...(isThere ? [] : ['it is not a directory']),
    ...(from.node === undefined ? [] : [`${from.path} is still there`]),
  ];
}

async function compare(
  change: Exclude<FileChange, { kind: 'move' }>,
  location: Location,
  epochSeconds: number,
): Promise<string[]> {
  const { node, volume } = location;
  if (change.kind === 'remove') return node === undefined ? [] : ['it is still there'];
  if (node === undefined) return ['it is absent'];
  const kind = change.kind === 'copy' ? 'file' : change.kind;
  if (node.kind !== kind) return [`it is a ${node.kind}, not a ${kind}`];
  const expectedSeconds = volume === 'boot' ? fatSeconds(epochSeconds) : epochSeconds;
  // On FAT an existing directory keeps its time.
  const hasTime = !(volume === 'boot' && change.kind === 'directory');
  return [
    ...(change.kind === 'file' ? compareContent(await node.read(), change.content) : []),
    ...(change.kind === 'copy' ? await compareHash(node, change.source) : []),
    ...(change.kind === 'symlink' ? differ('target', await node.readLink(), change.target) : []),
    ...(volume === 'root' ? compareOwner(change, node) : []),
    ...(hasTime ? differ('modification time', node.mtimeSeconds, expectedSeconds) : []),
  ];
}

function compareContent(found: Uint8Array, expected: Uint8Array): string[] {
  if (found.length !== expected.length) return differ('size', found.length, expected.length);
  if (Buffer.compare(found, expected) === 0) return [];
  return [`its content differs from byte ${found.findIndex((byte, index) => byte !== expected[index])} on`];
}

const PIECE_BYTES = 4 * 1024 * 1024;

async function compareHash(node: TreeNode, expected: StoredFile): Promise<string[]> {
  if (node.sizeBytes !== expected.sizeBytes) return differ('size', node.sizeBytes, expected.sizeBytes);
  const content = await node.content();
  const hash = createHash('sha256');
  for (let offset = 0; offset < node.sizeBytes; offset += PIECE_BYTES) {
    hash.update(await content.read(offset, Math.min(PIECE_BYTES, node.sizeBytes - offset)));
  }
  return differ('SHA-256', hash.digest('hex'), expected.sha256);
}

function compareOwner(change: Exclude<FileChange, { kind: 'remove' | 'move' }>, node: TreeNode): string[] {
  const expected = change.kind === 'symlink' ? { mode: 0o777, uid: 0, gid: 0 } : change;
  return [
    ...differ('mode', octal(node.mode), octal(expected.mode)),
    ...differ('user', node.uid, expected.uid),
    ...differ('group', node.gid, expected.gid),
  ];
}

function differ(what: string, found: string | number, expected: string | number): string[] {
  return found === expected ? [] : [`its ${what} is ${found}, not ${expected}`];
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
