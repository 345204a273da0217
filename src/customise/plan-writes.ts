import { InputError } from '../core/errors.ts';
import type { StoredFile } from '../core/model.ts';
import type { Ext4Operation } from '../formats/ext4/debugfs-script.ts';
import type { FatOperation } from '../tools/disk/fat.ts';
import type { PlacedChange } from './place-changes.ts';

/** The operations of the two programs, in order. */
export interface Writes {
  readonly root: readonly Ext4Operation[];
  readonly boot: readonly FatOperation[];
}

/** The most space that the writes can take; space freed by replaced files on the root is not counted. */
export interface SpaceNeeds {
  readonly rootBlocks: number;
  readonly rootInodes: number;
  readonly bootBytes: number;
}

const MADE_DIRECTORY = { mode: 0o755, uid: 0, gid: 0 };

/** Turns placed changes into operations: moves, then removals, deepest paths first; then all others, parents first. */
export async function planWrites(placed: readonly PlacedChange[]): Promise<Writes> {
  const root: Ext4Operation[] = [];
  const boot: FatOperation[] = [];
  const made = new Set<string>();
  for (const { change, location, from } of placed) {
    if (change.kind !== 'move' || from === undefined) continue;
    root.push({ kind: 'move', path: location.volumePath, from: from.volumePath });
  }
  const removals = placed.filter(({ change }) => change.kind === 'remove').reverse();
  const removed = new Set(removals.map(({ location }) => location.path));
  for (const { location } of removals) {
    if (location.node === undefined) continue;
    const kind = location.node.kind === 'directory' ? 'rmdir' : 'unlink';
    if (kind === 'rmdir') {
      const left = (await location.node.list()).find((name) => !removed.has(`${location.path}/${name}`));
      if (left !== undefined) throw new InputError(`cannot remove ${location.path}: it contains ${left}`);
    }
    (location.volume === 'root' ? root : boot).push({ kind, path: location.volumePath });
  }
  for (const { change, location } of placed) {
    if (change.kind === 'remove' || change.kind === 'move') continue;
    const { volume, volumePath: path, node } = location;
    for (const parent of location.missingParents) {
      if (made.has(`${volume}:${parent}`)) continue;
      made.add(`${volume}:${parent}`);
      if (volume === 'root') root.push({ kind: 'mkdir', path: parent, ...MADE_DIRECTORY });
      else boot.push({ kind: 'mkdir', path: parent });
    }
    const replaces = node !== undefined && node.kind !== 'directory';
    if (replaces) (volume === 'root' ? root : boot).push({ kind: 'unlink', path });
    if (change.kind === 'directory') {
      const exists = node?.kind === 'directory' || made.has(`${volume}:${path}`);
      made.add(`${volume}:${path}`);
      const { mode, uid, gid } = change;
      if (volume === 'root') root.push({ kind: exists ? 'set-directory' : 'mkdir', path, mode, uid, gid });
      else if (!exists) boot.push({ kind: 'mkdir', path });
    } else if (change.kind === 'symlink') {
      root.push({ kind: 'symlink', path, target: change.target });
    } else {
      const content = change.kind === 'copy' ? change.source : change.content;
      const { mode, uid, gid } = change;
      if (volume === 'root') root.push({ kind: 'write', path, content, mode, uid, gid });
      else boot.push({ kind: 'write', path, content });
    }
  }
  return { root, boot };
}

/** The operations that take no inode. */
const FREE: ReadonlySet<Ext4Operation['kind']> = new Set(['unlink', 'rmdir', 'set-directory', 'move']);

/** An upper bound of the space the writes need. */
export function measureWrites(writes: Writes, blockBytes: number, clusterBytes: number): SpaceNeeds {
  let rootBlocks = 0;
  let rootInodes = 0;
  const touched = new Set<string>();
  for (const operation of writes.root) {
    if (FREE.has(operation.kind)) continue;
    touched.add(operation.path.slice(0, operation.path.lastIndexOf('/')));
    rootInodes += 1;
    // One more for an extent block if the free space is fragmented, or for a long symlink.
    const bytes = operation.kind === 'write' ? sizeOf(operation.content) : 0;
    rootBlocks += Math.ceil(bytes / blockBytes) + 1;
  }
  let bootClusters = 0;
  for (const operation of writes.boot) {
    if (operation.kind === 'unlink' || operation.kind === 'rmdir') continue;
    const bytes = operation.kind === 'write' ? sizeOf(operation.content) : 1;
    // One more in case the directory needs another cluster.
    bootClusters += Math.ceil(bytes / clusterBytes) + 1;
  }
  return { rootBlocks: rootBlocks + touched.size, rootInodes, bootBytes: bootClusters * clusterBytes };
}

/** The bytes of what a file will have. */
export function sizeOf(content: Uint8Array | StoredFile): number {
  return content instanceof Uint8Array ? content.length : content.sizeBytes;
}
