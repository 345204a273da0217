import { ownFiles } from '../../stage/own-files.ts';
import type { FileChange } from '../core/model.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { listParents } from './place-changes.ts';

/**
 * The user's own files that stand in the way of wwanpi's: at the same path, above one of its files without being a
 * folder, or below something that is none. Each a sentence.
 */
export function findCollisions(changes: readonly FileChange[]): string[] {
  const theirs = new Map<string, FileChange>();
  for (const change of changes) if (change.stage !== ownFiles.name) theirs.set(foldCase(change.path), change);
  const parents = new Map<string, FileChange>();
  for (const change of theirs.values()) {
    if (change.kind === 'remove') continue;
    for (const parent of listParents(change.path)) parents.set(foldCase(parent), change);
  }
  const moves = changes.filter((change) => change.kind === 'move');
  return changes.flatMap((change) => {
    if (change.stage !== ownFiles.name || change.kind === 'remove') return [];
    const path = foldCase(change.path);
    const same = theirs.get(path);
    const above = listParents(path)
      .map((parent) => theirs.get(parent))
      .find((other) => other !== undefined && other.kind !== 'directory' && other.kind !== 'move');
    const moved = moves.find(({ from }) => `${change.path}/`.startsWith(`${from}/`));
    if (moved !== undefined) {
      return [
        `--extra-tree has ${quoteForMessage(change.path)}, but ${moved.from} becomes ${moved.path}; use that path`,
      ];
    }
    const other = same ?? above ?? (change.kind === 'directory' ? undefined : parents.get(path));
    if (other === undefined) return [];
    const what = other.kind === 'remove' ? 'removes' : 'writes';
    return [
      `--extra-tree has ${quoteForMessage(change.path)}, but wwanpi itself ${what} ${other.path} (${other.stage}); ` +
        'leave it out of the tree, or change it with a --first-boot script',
    ];
  });
}

/** FAT does not tell upper case from lower case. */
function foldCase(path: string): string {
  return path.startsWith('/boot/') ? path.toLowerCase() : path;
}
