import { posix } from 'node:path';
import { BugError, InputError } from '../core/errors.ts';
import type { FileChange } from '../core/model.ts';
import type { ImageTree, Location } from '../image/image-tree.ts';
import { placeMoves, withMoves } from './place-moves.ts';

/** A change with its place in a volume. */
export interface PlacedChange {
  readonly change: FileChange;
  readonly location: Location;
  /** The folder that a move renames. */
  readonly from?: Location;
}

/**
 * Finds the place of each change, after resolving symlinks among the parents; sorted by place.
 * @throws InputError when a file of the base is in the way, BugError when stages contradict each other
 */
export async function placeChanges(
  tree: ImageTree,
  changes: readonly FileChange[],
): Promise<readonly PlacedChange[]> {
  const moves = await placeMoves(tree, changes);
  const moved = withMoves(tree, moves);
  const placed: PlacedChange[] = [...moves];
  for (const change of changes) {
    if (change.kind === 'move') continue;
    checkPath(change);
    const location = await locateFor(moved, change);
    checkPlace(tree, change, location);
    placed.push({ change, location });
  }
  placed.sort((a, b) => compare(a.location.path, b.location.path));
  checkContradictions(placed);
  return placed.filter(({ location }, index) => placed[index - 1]?.location.path !== location.path);
}

/** As dpkg does: if the path of a directory is a symlink to one (/lib → usr/lib), the target is used. */
export async function locateFor(
  tree: ImageTree,
  { kind, path }: Pick<FileChange, 'kind' | 'path'>,
): Promise<Location> {
  if (kind === 'directory') {
    const behind = await tree.locate(path, 'follow');
    if (behind.node?.kind === 'directory') return behind;
  }
  return tree.locate(path);
}

/** The folders above a path but the root, the nearest first. */
export function listParents(path: string): string[] {
  const found: string[] = [];
  for (let parent = posix.dirname(path); parent !== '/'; parent = posix.dirname(parent)) found.push(parent);
  return found;
}

function checkPath({ path, stage }: FileChange): void {
  if (!path.startsWith('/') || path === '/' || posix.normalize(path) !== path || path.endsWith('/')) {
    throw new BugError(`stage ${stage} names ${JSON.stringify(path)}, which is not a plain absolute path`);
  }
  const name = path.split('/').find((part) => Buffer.byteLength(part) > 255);
  if (name !== undefined)
    throw new InputError(`the file name ${name.slice(0, 40)}… is longer than 255 bytes`);
}

function checkPlace(tree: ImageTree, change: FileChange, { path, volume, node, obstacle }: Location): void {
  const where = path === change.path ? path : `${change.path} (that is, ${path})`;
  if (obstacle !== undefined && change.kind !== 'remove') {
    throw new InputError(`cannot write ${where}: ${obstacle} in the base image is not a directory`);
  }
  if (node?.kind === 'special') {
    throw new InputError(`cannot replace ${where}: it is a device, socket or pipe in the base image`);
  }
  if (
    node?.kind === 'directory' &&
    (change.kind === 'file' || change.kind === 'copy' || change.kind === 'symlink')
  ) {
    throw new InputError(`cannot write ${where}: it is a directory in the base image`);
  }
  if (path === '/' || path === tree.bootFolder) {
    throw new BugError(`stage ${change.stage} changes ${path}, which belongs to the base image`);
  }
  if (volume === 'boot' && change.kind === 'symlink') {
    throw new BugError(`stage ${change.stage} wants a symlink at ${path}, but FAT has none`);
  }
}

function checkContradictions(placed: readonly PlacedChange[]): void {
  const changes = new Map<string, FileChange>();
  const replacedLinks = new Map<string, FileChange>();
  for (const { change, location } of placed) {
    const other = changes.get(location.path);
    if (other !== undefined && !isSameDirectory(other, change)) {
      if (other.path !== change.path) {
        throw new InputError(
          `the base leads ${other.path} and ${change.path} to one file, ${location.path}, by a symlink; remove the link`,
        );
      }
      throw new BugError(`${location.path} is changed twice, by stages ${other.stage} and ${change.stage}`);
    }
    changes.set(location.path, change);
    if (location.node?.kind === 'symlink') replacedLinks.set(change.path, change);
  }
  for (const { change, location } of placed) {
    if (change.kind === 'remove') continue;
    const above =
      listParents(location.path)
        .map((parent) => changes.get(parent))
        .find((parent) => parent !== undefined && parent.kind !== 'directory' && parent.kind !== 'move') ??
      listParents(change.path)
        .map((parent) => replacedLinks.get(parent))
        .find((parent) => parent !== undefined);
    if (above !== undefined) {
      throw new BugError(
        `stage ${change.stage} writes ${change.path} below ${above.path}, which stage ${above.stage} replaces`,
      );
    }
  }
}

function isSameDirectory(a: FileChange, b: FileChange): boolean {
  if (a.kind !== 'directory' || b.kind !== 'directory') return false;
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** By code unit, the same on every machine; parents come before what is in them. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
