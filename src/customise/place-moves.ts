import { posix } from 'node:path';
import { InputError } from '../core/errors.ts';
import type { FileChange } from '../core/model.ts';
import type { ImageTree, Location } from '../image/image-tree.ts';

/** A move with its places before and after. */
export interface PlacedMove {
  readonly change: Extract<FileChange, { kind: 'move' }>;
  readonly location: Location;
  readonly from: Location;
}

/**
 * Finds the places of the moves among the changes.
 * @throws InputError if the base has no such folder, or already has something of the new name
 */
export async function placeMoves(tree: ImageTree, changes: readonly FileChange[]): Promise<PlacedMove[]> {
  const placed: PlacedMove[] = [];
  for (const change of changes) {
    if (change.kind !== 'move') continue;
    const from = await tree.locate(change.from);
    const location = await tree.locate(change.path);
    if (from.node?.kind !== 'directory' || from.volume !== 'root') {
      throw new InputError(`cannot rename ${change.from}: it is not a folder in the base image`);
    }
    if (location.node !== undefined) {
      throw new InputError(`cannot rename ${change.from} to ${change.path}: the base image already has that`);
    }
    if (posix.dirname(location.path) !== posix.dirname(from.path)) {
      throw new InputError(`cannot rename ${change.from} to ${change.path}: they are in different folders`);
    }
    placed.push({ change, location, from });
  }
  return placed;
}

/** The tree as it is after the moves: their new paths lead to the folders of the base. */
export function withMoves(tree: ImageTree, moves: readonly PlacedMove[]): ImageTree {
  if (moves.length === 0) return tree;
  const locate: ImageTree['locate'] = async (path, follow) => {
    const move = moves.find(({ change }) => isInside(path, change.path));
    if (move === undefined) return tree.locate(path, follow);
    const { from, location } = move;
    const found = await tree.locate(`${move.change.from}${path.slice(move.change.path.length)}`, follow);
    const rename = (old: string, before: string, after: string) =>
      isInside(old, before) ? `${after}${old.slice(before.length)}` : old;
    return {
      ...found,
      path: rename(found.path, from.path, location.path),
      volumePath: rename(found.volumePath, from.volumePath, location.volumePath),
      missingParents: found.missingParents.map((parent) =>
        rename(parent, from.volumePath, location.volumePath),
      ),
      obstacle: found.obstacle === undefined ? undefined : rename(found.obstacle, from.path, location.path),
    };
  };
  return { ...tree, locate };
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
