import { basename } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { getGlibVersion } from '../formats/debian/glib-pkg-config.ts';
import { parseElf } from '../formats/elf/elf.ts';
import type { TreeNode } from '../formats/tree-reader.ts';
import { type ImageTree, withImageTree } from '../image/image-tree.ts';
import { readStartFiles } from './read-start-files.ts';

/** What of a base a sysroot is made from: bytes, no links, and nothing a compiler would read as text. */
export interface BaseLibraries {
  /** Its GLib: `2.50.3`. */
  readonly glibVersion: string;
  /** By the name that programs ask for: `libglib-2.0.so.0`. Sorted. */
  readonly libraries: ReadonlyMap<string, Uint8Array>;
  /** By path from the sysroot on; empty where Debian's packages have them. Sorted. */
  readonly startFiles: ReadonlyMap<string, Uint8Array>;
  /** Texts of its packages' `symbols` files. */
  readonly symbols: readonly string[];
}

/** The libraries libqmi is linked with; what these need comes along. A base's own libqmi is none of them. */
const LINKED = [
  'ld-linux-armhf.so.3',
  ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libresolv.so.2'],
  'libgcc_s.so.1',
  ...['libglib-2.0.so.0', 'libgobject-2.0.so.0', 'libgio-2.0.so.0'],
];

/** `symbols` files of the packages whose libraries libqmi links, by old and new names. */
const SYMBOLS = ['libc6', 'libglib2.0-0', 'libgcc1', 'libgcc-s1'].map(
  (name) => `/var/lib/dpkg/info/${name}:armhf.symbols`,
);

/** GLib needs a dozen libraries, of 3 MB at most. */
const MAX_LIBRARIES = 100;
const MAX_LIBRARY_BYTES = 16 * 1024 * 1024;
const MAX_SYMBOLS_BYTES = 4 * 1024 * 1024;

/**
 * Reads the libraries out of a base by wwanpi's own readers, its links followed as the running Pi would.
 * @throws InputError when the base lacks GLib or a C library or can't be read, VerificationError when one is no ARM ELF
 */
export async function readBaseLibraries(
  context: Context,
  disk: Disk,
  profile: TargetProfile,
): Promise<BaseLibraries> {
  return withImageTree(disk, async (tree) => {
    const folders = [`/lib/${profile.triplet}`, `/usr/lib/${profile.triplet}`];
    const libraries = new Map<string, Uint8Array>();
    let glibVersion: string | undefined;
    const queue = [...LINKED];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      context.signal.throwIfAborted();
      if (libraries.has(name) || name.includes('/')) continue;
      const found = await findFile(tree, folders, name);
      if (found === undefined) continue;
      if (libraries.size >= MAX_LIBRARIES) throw new InputError(`the base's GLib needs too many libraries`);
      const bytes = await found.node.read(MAX_LIBRARY_BYTES);
      libraries.set(name, bytes);
      queue.push(...parseElf(bytes, `the base's ${name}`).needed);
      if (name === 'libglib-2.0.so.0') glibVersion = getGlibVersion(basename(found.path));
    }
    requireLibraries(libraries, glibVersion);
    return {
      glibVersion,
      libraries: sortByName(libraries),
      startFiles: sortByName(
        profile.startFiles === 'base' ? await readStartFiles(tree, profile.triplet) : new Map(),
      ),
      symbols: await readSymbols(tree),
    };
  });
}

/** The first folder's that has it, as the dynamic linker looks: `/lib` before `/usr/lib`. */
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
      hint: 'use a base that has the package libglib2.0-0 installed; Raspbian Lite has',
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
