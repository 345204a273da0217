import { basename } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { getGlibVersion } from '../formats/debian/glib-pkg-config.ts';
import type { TreeNode } from '../formats/tree-reader.ts';
import { type ImageTree, withImageTree } from '../image/image-tree.ts';
import { readLibraries } from './read-libraries.ts';
import { readStartFiles } from './read-start-files.ts';

/** The base's part of a sysroot: only machine code, no symlinks, no text that a compiler reads. */
export interface BaseLibraries {
  /** The base's GLib: `2.50.3`. */
  readonly glibVersion: string;
  /** By SONAME, such as `libglib-2.0.so.0`; sorted. */
  readonly libraries: ReadonlyMap<string, Uint8Array>;
  /** By path in the sysroot, sorted; empty if they come from Debian's packages. */
  readonly startFiles: ReadonlyMap<string, Uint8Array>;
  /** Contents of the `symbols` files of the base's packages. */
  readonly symbols: readonly string[];
}

/** The libraries that libqmi links; their dependencies are read too. The base's own libqmi is not among them. */
const LINKED = [
  'ld-linux-armhf.so.3',
  ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libresolv.so.2'],
  'libgcc_s.so.1',
  ...['libglib-2.0.so.0', 'libgobject-2.0.so.0', 'libgio-2.0.so.0'],
];

/** `symbols` files of the packages whose libraries libqmi links, with old and new names. */
const SYMBOLS = ['libc6', 'libglib2.0-0', 'libgcc1', 'libgcc-s1'].map(
  (name) => `/var/lib/dpkg/info/${name}:armhf.symbols`,
);

/** GLib needs about a dozen libraries of at most 3 MB. */
const MAX_LIBRARIES = 100;
const MAX_LIBRARY_BYTES = 16 * 1024 * 1024;
const MAX_SYMBOLS_BYTES = 4 * 1024 * 1024;

/**
 * Reads the libraries of a base with wwanpi's own readers, which resolve symlinks as the running Pi does.
 * @throws InputError when the base lacks GLib or a C library or cannot be read, VerificationError for a file that is not an
 *   ARM ELF
 */
export async function readBaseLibraries(
  context: Context,
  disk: Disk,
  profile: TargetProfile,
): Promise<BaseLibraries> {
  return withImageTree(
    disk,
    async (tree) => {
      const folders = [`/lib/${profile.triplet}`, `/usr/lib/${profile.triplet}`];
      const read = async (name: string) =>
        (await findFile(tree, folders, name))?.node.read(MAX_LIBRARY_BYTES);
      const found = await readLibraries(LINKED, read, MAX_LIBRARIES);
      const libraries = new Map([...found].map(([name, { bytes }]) => [name, bytes]));
      const glib = await findFile(tree, folders, 'libglib-2.0.so.0');
      const glibVersion = glib === undefined ? undefined : getGlibVersion(basename(glib.path));
      requireLibraries(libraries, glibVersion);
      return {
        glibVersion,
        libraries: sortByName(libraries),
        startFiles: sortByName(
          profile.startFiles === 'base' ? await readStartFiles(tree, profile.triplet) : new Map(),
        ),
        symbols: await readSymbols(tree),
      };
    },
    context.signal,
  );
}

/** Finds a library as the dynamic linker does: `/lib` before `/usr/lib`. */
async function findFile(
  tree: ImageTree,
  folders: readonly string[],
  name: string,
): Promise<{ node: TreeNode; path: string } | undefined> {
  for (const folder of folders) {
    const { node, path } = await tree.locate(`${folder}/${name}`, 'follow');
    if (node?.kind === 'file') return { node, path };
  }
  return undefined;
}

function requireLibraries(
  libraries: ReadonlyMap<string, Uint8Array>,
  glibVersion: string | undefined,
): asserts glibVersion is string {
  if (!libraries.has('libc.so.6')) {
    throw new InputError('the base image has no armhf C library in /lib/arm-linux-gnueabihf', {
      hint: 'libqmi can only be built for an armhf Raspbian or Debian',
    });
  }
  if (glibVersion === undefined) {
    throw new InputError('the base image has no GLib (libglib-2.0.so.0), which libqmi needs', {
      hint: 'use a base with the package libglib2.0-0, such as Raspbian Lite',
    });
  }
}

async function readSymbols(tree: ImageTree): Promise<string[]> {
  const texts: string[] = [];
  for (const path of SYMBOLS) {
    const { node } = await tree.locate(path, 'follow');
    if (node?.kind === 'file') texts.push(Buffer.from(await node.read(MAX_SYMBOLS_BYTES)).toString('utf8'));
  }
  return texts;
}

function sortByName<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
