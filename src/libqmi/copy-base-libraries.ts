import { createHash } from 'node:crypto';
import { copyFile, lstat, mkdir, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import { InputError } from '../core/errors.ts';
import { getGlibVersion } from '../formats/debian/glib-pkg-config.ts';

/** A file or symlink of the base that goes into a sysroot. Both paths are relative. */
export interface SysrootFile {
  readonly from: string;
  readonly to: string;
  readonly kind: 'file' | 'symlink';
}

/** One of the base's folders that a sysroot is made from. */
export interface SysrootFolder {
  /** Absolute, in the base. */
  readonly path: string;
  /** Whether sub-folders are included. */
  readonly deep: boolean;
  /** Names of the files and symlinks to take. */
  readonly wants: RegExp;
}

/** Shared libraries, their linker scripts, start files, and the static remainder of the C library. */
const LIBRARY = /\.so(?:\.|$)|\.o$|_nonshared\.a$/;

/**
 * The base's folders that a sysroot is made from; missing ones are skipped. /lib and /usr/lib become one
 * folder; if both have a name, /lib's file wins, as for the dynamic linker.
 */
export const SYSROOT_FOLDERS: readonly SysrootFolder[] = [
  { path: '/lib/arm-linux-gnueabihf', deep: false, wants: LIBRARY },
  { path: '/usr/lib/arm-linux-gnueabihf', deep: false, wants: LIBRARY },
  { path: '/usr/lib/gcc/arm-linux-gnueabihf', deep: true, wants: /^crt.*\.o$|^libgcc/ },
  { path: '/usr/include', deep: true, wants: /./ },
];

/** Finds the files of a base's tree that compiling and linking needs, with their places in a sysroot; sorted. */
export async function selectBaseFiles(tree: string): Promise<SysrootFile[]> {
  const chosen = new Map<string, SysrootFile>();
  for (const folder of SYSROOT_FOLDERS) {
    const visit = (from: string, kind: SysrootFile['kind']) => {
      const to = from.replace(/^lib\//, 'usr/lib/');
      if (folder.wants.test(basename(from)) && !chosen.has(to)) chosen.set(to, { from, to, kind });
    };
    await walk(tree, folder.path.slice(1), visit, folder.deep);
  }
  return [...chosen.values()].sort((a, b) => (a.to < b.to ? -1 : 1));
}

/**
 * Reads the base's GLib version from the name of its file: `2.50.3`.
 * @throws InputError when the base has no GLib or no C library
 */
export function findGlibVersion(files: readonly SysrootFile[]): string {
  const names = files.map(({ to }) => basename(to));
  if (!names.includes('libc.so.6')) {
    throw new InputError('the base image has no armhf C library in /lib/arm-linux-gnueabihf', {
      hint: 'libqmi can only be built for an armhf Raspbian or Debian',
    });
  }
  for (const name of names) {
    const version = getGlibVersion(name);
    if (version !== undefined) return version;
  }
  throw new InputError('the base image has no GLib (libglib-2.0.so.0), which libqmi needs', {
    hint: 'use a base with the package libglib2.0-0, such as Raspbian Lite',
  });
}

/** Hashes the names and contents of the files. */
export async function hashBaseFiles(tree: string, files: readonly SysrootFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { from, to, kind } of files) {
    const full = join(tree, from);
    const content = kind === 'symlink' ? await readlink(full) : await readFile(full);
    hash.update(`${to}\0${kind}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Copies the selected files, makes `/lib` a link to `/usr/lib`, and puts the dynamic linker where programs look for it. */
export async function copyBaseFiles(
  tree: string,
  files: readonly SysrootFile[],
  root: string,
  profile: TargetProfile,
): Promise<void> {
  for (const { from, to, kind } of files) {
    const target = join(root, to);
    await mkdir(dirname(target), { recursive: true });
    if (kind === 'file') await copyFile(join(tree, from), target);
    else await symlink(await readlink(join(tree, from)), target);
  }
  await symlink('usr/lib', join(root, 'lib'));
  // PT_INTERP of the armhf ABI (https://wiki.debian.org/ArmHardFloatPort); packaged as a link into the triplet's folder.
  const loader = 'ld-linux-armhf.so.3';
  await symlink(`${profile.triplet}/${loader}`, join(root, 'usr/lib', loader));
}

/**
 * Replaces every symlink that leads out of the sysroot, or is broken because /lib and /usr/lib became one, with a
 * relative one to the target of the same name inside; removes links to nothing.
 */
export async function makeLinksRelative(root: string): Promise<void> {
  const links: string[] = [];
  await walk(root, '', (path, kind) => {
    if (kind === 'symlink' && path !== 'lib') links.push(path);
  });
  for (const path of links) {
    const full = join(root, path);
    const target = await readlink(full);
    const wanted = target.startsWith('/') ? join(root, target) : join(dirname(full), target);
    const inside = wanted.startsWith(`${root}/`) && (await exists(wanted));
    if (inside && !target.startsWith('/')) continue;
    await rm(full);
    if (inside) await symlink(relative(dirname(full), wanted), full);
  }
}

type Kind = 'file' | 'symlink' | 'folder';

async function listFolder(folder: string): Promise<{ name: string; kind: Kind }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return entries.flatMap((entry) => {
    const kind = entry.isDirectory()
      ? 'folder'
      : entry.isSymbolicLink()
        ? 'symlink'
        : entry.isFile()
          ? 'file'
          : undefined;
    return kind === undefined ? [] : [{ name: entry.name, kind } as const];
  });
}

async function walk(
  root: string,
  path: string,
  visit: (path: string, kind: 'file' | 'symlink') => void,
  deep = true,
): Promise<void> {
  for (const { name, kind } of await listFolder(join(root, path))) {
    const inner = path === '' ? name : `${path}/${name}`;
    if (kind !== 'folder') visit(inner, kind);
    else if (deep) await walk(root, inner, visit);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
