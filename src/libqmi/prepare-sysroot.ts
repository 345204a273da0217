import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { BuiltPackage, Disk, InputRecord } from '../core/model.ts';
import { type LibrarySymbols, parseDpkgSymbols } from '../formats/debian/dpkg-symbols.ts';
import { formatGlibPkgConfig } from '../formats/debian/glib-pkg-config.ts';
import { cached } from '../host/cache.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { addDevPackages } from './add-dev-packages.ts';
import {
  copyBaseFiles,
  findGlibVersion,
  hashBaseFiles,
  makeLinksRelative,
  selectBaseFiles,
} from './copy-base-libraries.ts';
import { extractBaseFiles } from './extract-base-files.ts';
import { readRuntimePackages } from './runtime-packages.ts';

/** A folder a cross compiler can take for the target's root. */
export interface Sysroot {
  readonly path: string;
  /** Hash of what it is made from. */
  readonly id: string;
  readonly cacheHit: boolean;
  /** The base's GLib: `2.50.3`. */
  readonly glibVersion: string;
  /** Version of the GLib headers; newer ones are capped to `glibVersion` when compiling. */
  readonly headersVersion: string;
  /** What the base's packages and `packages` say of their libraries, by SONAME; for the Depends of ours. */
  readonly symbols: ReadonlyMap<string, LibrarySymbols>;
  /** Packages of Debian's whose libraries ours may link, and which then go into the image. */
  readonly packages: readonly BuiltPackage[];
  /** What it was completed with. */
  readonly inputs: readonly InputRecord[];
}

/** `symbols` files of the packages whose libraries libqmi links, by old and new names. */
export const SYSROOT_SYMBOLS: readonly string[] = ['libc6', 'libglib2.0-0', 'libgcc1', 'libgcc-s1'].map(
  (name) => `/var/lib/dpkg/info/${name}:armhf.symbols`,
);

/** Goes up whenever the layout of a sysroot changes, so that older cache entries are not taken. */
const LAYOUT = 2;

/**
 * The sysroot for a base image: its own libraries and start files, completed with Debian's -dev packages.
 * @throws InputError when the base lacks GLib or a C library, NetworkError when Debian can't be reached
 */
export async function prepareSysroot(context: Context, disk: Disk, profile: TargetProfile): Promise<Sysroot> {
  const done = context.report.step('Sysroot');
  const tree = join(context.tmpDir, 'base-libraries');
  try {
    await extractBaseFiles(disk, SYSROOT_SYMBOLS, tree);
    const sysroot = await prepareSysrootFromTree(context, tree, profile);
    done(`GLib ${sysroot.glibVersion}${sysroot.cacheHit ? ', cached' : ''}`);
    return sysroot;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/**
 * The same for a base whose SYSROOT_FOLDERS and SYSROOT_SYMBOLS lie below the host's folder `tree`.
 * In a sysroot everything is in usr/lib/TRIPLET, as on a merged-/usr system, and no symlink is absolute.
 */
export async function prepareSysrootFromTree(
  context: Context,
  tree: string,
  profile: TargetProfile,
): Promise<Sysroot> {
  const files = await selectBaseFiles(tree);
  const glibVersion = findGlibVersion(files);
  const symbols = await readSymbols(tree);
  const baseHash = await hashBaseFiles(tree, files);
  const key = sha256Text(
    JSON.stringify([
      ...[LAYOUT, baseHash, symbols, profile.debianCodename],
      ...[profile.devPackages, profile.runtimePackages],
    ]),
  );
  const entry = await cached(context, 'sysroots', key, async (folder) => {
    const root = join(folder, 'root');
    await copyBaseFiles(tree, files, root, profile);
    const added = await addDevPackages(context, folder, profile);
    await addGlibForLinker(root, profile, glibVersion);
    await makeLinksRelative(root);
    await writeFile(join(folder, 'sysroot.json'), `${JSON.stringify({ glibVersion, ...added }, null, 2)}\n`);
  });
  const facts: Pick<Sysroot, 'glibVersion' | 'headersVersion' | 'inputs'> = JSON.parse(
    await readFile(join(entry.path, 'sysroot.json'), 'utf8'),
  );
  const packages = await readRuntimePackages(entry.path);
  const runtimeSymbols = packages.map(({ controlFiles }) => controlFiles.get('symbols') ?? '');
  return {
    ...facts,
    packages,
    path: join(entry.path, 'root'),
    // The mirror may have given other headers at another time: what is compiled depends on those too.
    id: sha256Text(JSON.stringify([key, facts])),
    cacheHit: entry.hit,
    symbols: new Map([...runtimeSymbols, ...symbols].flatMap((text) => [...parseDpkgSymbols(text)])),
  };
}

/** .pc files, and the libNAME.so links that a -dev package has and a base has not. */
async function addGlibForLinker(root: string, profile: TargetProfile, version: string): Promise<void> {
  const libraries = join(root, 'usr/lib', profile.triplet);
  const pkgConfig = join(libraries, 'pkgconfig');
  await mkdir(pkgConfig, { recursive: true });
  for (const [name, text] of formatGlibPkgConfig(version, profile.triplet)) {
    await writeFile(join(pkgConfig, name), text);
  }
  const names = await readdir(libraries);
  for (const name of ['libglib-2.0.so', 'libgobject-2.0.so', 'libgio-2.0.so']) {
    const runtime = `${name}.0`;
    if (names.includes(runtime) && !names.includes(name)) await symlink(runtime, join(libraries, name));
  }
}

async function readSymbols(tree: string): Promise<string[]> {
  const texts: string[] = [];
  for (const path of SYSROOT_SYMBOLS) {
    const text = await readFile(join(tree, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text !== undefined) texts.push(text);
  }
  return texts;
}
