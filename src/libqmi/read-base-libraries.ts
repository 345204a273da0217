import { basename } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { getGlibVersion } from '../formats/debian/glib-pkg-config.ts';
import { withImageTree } from '../image/image-tree.ts';
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

/** Packages whose libraries libqmi links and whose `symbols` files are read, with old and new names. */
const WITH_SYMBOLS = ['libc6', 'libglib2.0-0', 'libgcc1', 'libgcc-s1'];

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
    (tree) =>
      collectLibraries(profile, {
        find: async (path) => {
          const { node, path: found } = await tree.locate(path, 'follow');
          return node?.kind === 'file' ? { path: found, read: (most) => node.read(most) } : undefined;
        },
        findSymbols: async (name) => {
          const { node } = await tree.locate(`/var/lib/dpkg/info/${name}:armhf.symbols`, 'follow');
          return node?.kind === 'file' ? node.read(MAX_SYMBOLS_BYTES) : undefined;
        },
        readStartFiles: () => readStartFiles(tree, profile.triplet),
      }),
    context.signal,
  );
}

/** Where a base's libraries are read: its disk, or the packages that it will be made of. */
export interface LibrarySource {
  /** The file at a path, through symlinks, with its path behind them. */
  readonly find: (path: string) => Promise<FoundFile | undefined>;
  /** The `symbols` file of a package. */
  readonly findSymbols: (packageName: string) => Promise<Uint8Array | undefined>;
  /** As `readStartFiles` of an image. */
  readonly readStartFiles: () => Promise<Map<string, Uint8Array>>;
}

/** A file that may be larger than what is wanted of it. */
export interface FoundFile {
  readonly path: string;
  readonly read: (maxBytes: number) => Promise<Uint8Array>;
}

/** As `readBaseLibraries`, from any source. */
export async function collectLibraries(
  profile: TargetProfile,
  source: LibrarySource,
): Promise<BaseLibraries> {
  const { triplet } = profile;
  // As the dynamic linker does: `/lib` before `/usr/lib`.
  const find = async (name: string) =>
    (await source.find(`/lib/${triplet}/${name}`)) ?? (await source.find(`/usr/lib/${triplet}/${name}`));
  const read = async (name: string) => (await find(name))?.read(MAX_LIBRARY_BYTES);
  const found = await readLibraries(LINKED, read, MAX_LIBRARIES);
  const libraries = new Map([...found].map(([name, { bytes }]) => [name, bytes]));
  const glib = await find('libglib-2.0.so.0');
  const glibVersion = glib === undefined ? undefined : getGlibVersion(basename(glib.path));
  requireLibraries(libraries, glibVersion);
  const symbols: string[] = [];
  for (const name of WITH_SYMBOLS) {
    const text = await source.findSymbols(name);
    if (text !== undefined) symbols.push(Buffer.from(text).toString('utf8'));
  }
  return {
    glibVersion,
    libraries: sortByName(libraries),
    startFiles: sortByName(profile.startFiles === 'base' ? await source.readStartFiles() : new Map()),
    symbols,
  };
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

function sortByName<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
