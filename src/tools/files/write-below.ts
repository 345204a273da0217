import { constants } from 'node:fs';
import { lstat, mkdir, open, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';

/**
 * Writes below one folder of ours and never leaves it, whatever names and symlinks a foreign image, archive or package
 * brings. Paths are counted from the folder; a leading slash means nothing. Parents are made as needed (0755).
 *
 * The kernel follows no link on the way: each part of a path is looked at with lstat(2) before the next, and files are
 * made anew with O_EXCL and O_NOFOLLOW. Nobody else may write below the folder at that time.
 *
 * Each throws InputError when the path is unsound, or what is there stands in the way.
 */
export interface FolderWriter {
  /** Makes a folder where none is. */
  directory(path: string): Promise<void>;
  /** Writes a file, in place of a file or symlink of that name. */
  file(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /**
   * Makes a symlink, in place of a file or symlink of that name; a folder stays, as dpkg has it. Its target is text here,
   * and may lead anywhere.
   */
  symlink(path: string, target: string): Promise<void>;
}

/**
 * How symlinks among the parents of a path are taken: `refuse` them, or follow them `inside` the folder as if it were
 * the root of the file system (openat2(2), RESOLVE_IN_ROOT), as a merged /usr needs.
 */
export type ParentLinks = 'refuse' | 'inside';

/** Linux gives up after as many (path_resolution(7)). */
const MAX_LINKS = 40;
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4096;

/**
 * A writer for the folder `root`.
 * @param root is there, and is ours
 */
export function openFolder(root: string, links: ParentLinks = 'refuse'): FolderWriter {
  /** Real folders that were made or seen already. */
  const known = new Set<string>();

  /** Where a path's folder really is, from `root` on; made as far as it is missing. */
  const makeFolder = async (parts: readonly string[], path: string): Promise<string> => {
    const pending = [...parts];
    let trail: string[] = [];
    let followed = 0;
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      if (name === '..') {
        trail = trail.slice(0, -1);
        continue;
      }
      const here = [...trail, name].join('/');
      const kind = known.has(here) ? 'directory' : await getKind(join(root, here));
      if (kind === 'symlink') {
        followed += 1;
        if (links === 'refuse' || followed > MAX_LINKS) throw refusal(root, path, `${here} is a symlink`);
        const target = await readlink(join(root, here));
        if (target.startsWith('/')) trail = [];
        pending.unshift(...splitTarget(target));
        continue;
      }
      if (kind === 'other') throw refusal(root, path, `${here} is no folder`);
      if (kind === 'nothing') await mkdir(join(root, here), 0o755);
      known.add(here);
      trail.push(name);
    }
    return trail.join('/');
  };

  /** The real path of an entry to be made; what is there of another kind than a folder is gone. */
  const clear = async (path: string): Promise<{ full: string; isFolder: boolean }> => {
    const parts = split(root, path);
    const full = join(root, await makeFolder(parts.slice(0, -1), path), parts.at(-1) ?? '');
    const kind = await getKind(full);
    if (kind === 'symlink' || kind === 'other') await rm(full);
    return { full, isFolder: kind === 'directory' };
  };

  return {
    directory: async (path) => {
      await makeFolder(split(root, path), path);
    },
    file: async (path, content, mode = 0o644) => {
      const { full, isFolder } = await clear(path);
      if (isFolder) throw refusal(root, path, 'a folder of that name is there');
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
      const handle = await open(full, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
      try {
        await handle.writeFile(content);
      } finally {
        await handle.close();
      }
    },
    symlink: async (path, target) => {
      const { full, isFolder } = await clear(path);
      if (!isFolder) await symlink(target, full);
    },
  };
}

async function getKind(path: string): Promise<'nothing' | 'directory' | 'symlink' | 'other'> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return 'nothing';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/** The names of a path that is to be written. */
function split(root: string, path: string): string[] {
  const parts = path.replace(/^\/+/, '').split('/');
  const isUnsound = (name: string) =>
    ['', '.', '..'].includes(name) || name.includes('\0') || Buffer.byteLength(name) > MAX_NAME_BYTES;
  if (parts.some(isUnsound) || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw refusal(root, path, 'it is no plain path');
  }
  return parts;
}

/** The names of a link's target, which may go up. */
function splitTarget(target: string): string[] {
  return target.split('/').filter((name) => name !== '' && name !== '.');
}

function refusal(root: string, path: string, reason: string): InputError {
  return new InputError(`cannot write ${JSON.stringify(path)} below ${root}: ${reason}`, {
    hint: 'the image or package it comes from is damaged or hostile; use a stock one',
  });
}
