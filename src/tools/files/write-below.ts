import { constants } from 'node:fs';
import { lstat, mkdir, open, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';

/**
 * Writes below one folder and never leaves it, for names and symlinks of a foreign image, archive or package. Paths are
 * relative to the folder, with or without a leading slash. Missing parents are created (0755).
 *
 * The kernel follows no symlink: each part of a path is checked with lstat(2) before the next one, and files are created
 * with O_EXCL and O_NOFOLLOW. No other process may write below the folder at the same time.
 *
 * Each method throws InputError for an invalid path, or if an existing entry prevents the write.
 */
export interface FolderWriter {
  /** Creates a folder, if it does not exist. */
  directory(path: string): Promise<void>;
  /** Writes a file; replaces a file or symlink of that name. */
  file(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Creates a symlink to any target; replaces a file or symlink of that name, but keeps a folder, as dpkg does. */
  symlink(path: string, target: string): Promise<void>;
}

/**
 * What to do with symlinks among the parents of a path: `refuse` them, or resolve them `inside` the folder as if it were
 * the root of the file system (like RESOLVE_IN_ROOT of openat2(2)), which a merged /usr needs.
 */
export type ParentLinks = 'refuse' | 'inside';

/** Linux gives up after as many (path_resolution(7)). */
const MAX_LINKS = 40;
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4096;

/**
 * Makes a writer for a folder.
 * @param root exists, and no other user can write to it
 */
export function openFolder(root: string, links: ParentLinks = 'refuse'): FolderWriter {
  /** Folders that were created or checked already. */
  const known = new Set<string>();

  /** Creates a path's missing folders. Returns the real path of the last one, relative to `root`. */
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
      if (kind === 'other') throw refusal(root, path, `${here} is not a folder`);
      if (kind === 'nothing') await mkdir(join(root, here), 0o755);
      known.add(here);
      trail.push(name);
    }
    return trail.join('/');
  };

  /** Makes room for an entry: removes what has its name, except a folder. */
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
      if (isFolder) throw refusal(root, path, 'a folder of that name exists');
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

/** The names of a path to write. */
function split(root: string, path: string): string[] {
  const parts = path.replace(/^\/+/, '').split('/');
  const isUnsound = (name: string) =>
    ['', '.', '..'].includes(name) || name.includes('\0') || Buffer.byteLength(name) > MAX_NAME_BYTES;
  if (parts.some(isUnsound) || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw refusal(root, path, 'the path is invalid');
  }
  return parts;
}

/** The names of a symlink's target, which may have `..`. */
function splitTarget(target: string): string[] {
  return target.split('/').filter((name) => name !== '' && name !== '.');
}

function refusal(root: string, path: string, reason: string): InputError {
  return new InputError(`cannot write ${JSON.stringify(path)} below ${root}: ${reason}`, {
    hint: 'the image or package is damaged or hostile; use a stock image',
  });
}
