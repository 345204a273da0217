import { InputError } from '../core/errors.ts';

/** Where a directory is in its volume's tree. */
export interface DirectoryPlace {
  /** Inode number or first cluster. */
  readonly id: number;
  /** 0 for the root. */
  readonly depth: number;
}

/** Keeps walks through a volume finite, whatever its directories say. */
export interface DirectoryGuard {
  readonly root: DirectoryPlace;
  /**
   * Notes that directory `id` is the entry number `index` of `parent`.
   * @throws InputError when another entry leads to it too, or it lies too deep
   */
  enter(parent: DirectoryPlace, index: number, id: number): DirectoryPlace;
  /**
   * Notes how many names a directory has.
   * @throws InputError when the volume has too many
   */
  count(place: DirectoryPlace, names: number): void;
}

/** Linux takes no path of more than 4096 bytes (PATH_MAX, path_resolution(7)), and a name has one byte and a slash. */
const MAX_DEPTH = 2048;
/** What one directory may hold; ext4's own default makes four million inodes on a card of 64 GB. */
export const MAX_DIRECTORY_NAMES = 500_000;
const MAX_NAMES = 4_194_304;

/**
 * A directory has one name: two entries that lead to it make a loop, or a tree that doubles on each level
 * (e2fsck(8), pass 3; fsck.fat(8)). So each is noted with the entry that leads to it.
 * @param volume what to call it in messages: `the root file system`
 */
export function createDirectoryGuard(volume: string, rootId: number): DirectoryGuard {
  const owners = new Map<number, number>([[rootId, -1]]);
  const counted = new Set<number>();
  let names = 0;
  return {
    root: { id: rootId, depth: 0 },
    enter: (parent, index, id) => {
      const owner = parent.id * 2 ** 20 + index;
      const known = owners.get(id);
      if (known !== undefined && known !== owner) {
        throw new InputError(`${volume} is damaged: two names lead to one folder (number ${id})`);
      }
      if (parent.depth >= MAX_DEPTH)
        throw new InputError(`${volume} has folders more than ${MAX_DEPTH} levels deep`);
      owners.set(id, owner);
      return { id, depth: parent.depth + 1 };
    },
    count: ({ id }, count) => {
      if (counted.has(id)) return;
      counted.add(id);
      names += count;
      if (names > MAX_NAMES) throw new InputError(`${volume} has more than ${MAX_NAMES} files`);
    },
  };
}
