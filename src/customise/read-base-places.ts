import { WAITING_FOLDER } from '../../stage/own-files.ts';
import type { BasePlace, Disk } from '../core/model.ts';
import { type ImageTree, type Location, withImageTree } from '../image/image-tree.ts';
import type { OwnFiles } from '../recipe/own-files.ts';
import { locateFor } from './place-changes.ts';

/** A text that a dry run compares is not larger. */
const MAX_COMPARED_BYTES = 64 * 1024;
const MAX_WAITING = 10_000;
/** Below the folder: packages/NAME.deb. A hostile base may have more. */
const MAX_DEPTH = 2;

/** A place, and how large the file there is. */
export interface SizedPlace extends BasePlace {
  readonly sizeBytes: number;
}

/**
 * Looks where the user's own files go: what the base has there, and what an earlier build left waiting in it.
 * @returns by the paths of the own files
 */
export async function readBasePlaces(
  disk: Disk,
  own: Pick<OwnFiles, 'tree'>,
): Promise<ReadonlyMap<string, SizedPlace>> {
  return withImageTree(disk, async (tree) => {
    const places = new Map<string, SizedPlace>();
    for (const entry of own.tree) places.set(entry.path, describe(await locateFor(tree, entry)));
    const waiting = new Map<string, SizedPlace>();
    await addWaiting(tree, WAITING_FOLDER, 0, waiting);
    return new Map([...waiting, ...places]);
  });
}

/** The small files of the base that own files replace, and places that have nothing: what a dry run compares. */
export function listComparable(places: ReadonlyMap<string, SizedPlace>): string[] {
  return [...places.values()]
    .filter(
      ({ kind, sizeBytes }) => kind === 'nothing' || (kind === 'file' && sizeBytes <= MAX_COMPARED_BYTES),
    )
    .map(({ path }) => path);
}

async function addWaiting(
  tree: ImageTree,
  folder: string,
  depth: number,
  found: Map<string, SizedPlace>,
): Promise<void> {
  const location = await tree.locate(folder);
  if (location.node === undefined || location.volume !== 'root' || found.size > MAX_WAITING) return;
  found.set(folder, describe(location));
  if (location.node.kind !== 'directory' || depth === MAX_DEPTH) return;
  for (const name of await location.node.list())
    await addWaiting(tree, `${folder}/${name}`, depth + 1, found);
}

function describe({ path, node, obstacle }: Location): SizedPlace {
  return { path, kind: node?.kind ?? 'nothing', obstacle, sizeBytes: node?.sizeBytes ?? 0 };
}
