import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { BuiltPackage, InputRecord } from '../core/model.ts';
import { type LibrarySymbols, parseDpkgSymbols } from '../formats/debian/dpkg-symbols.ts';
import { cached } from '../host/cache.ts';
import type { Apt } from '../tools/debian/apt.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { fetchDevPackages } from './fetch-dev-packages.ts';
import type { BaseLibraries } from './read-base-libraries.ts';
import { readRuntimePackages } from './runtime-packages.ts';
import { writeSysroot } from './write-sysroot.ts';

/** A folder that a cross compiler uses as the target's root. */
export interface Sysroot {
  readonly path: string;
  /** Hash of its inputs. */
  readonly id: string;
  readonly cacheHit: boolean;
  /** The base's GLib: `2.50.3`. */
  readonly glibVersion: string;
  /** Version of the GLib headers; if newer, they are limited to `glibVersion` when compiling. */
  readonly headersVersion: string;
  /** The `symbols` data of the base's packages and of `packages` by SONAME; for the Depends of our packages. */
  readonly symbols: ReadonlyMap<string, LibrarySymbols>;
  /** Packages of Debian's whose libraries ours may link, and which then go into the image. */
  readonly packages: readonly BuiltPackage[];
  /** What it was completed with. */
  readonly inputs: readonly InputRecord[];
}

/** Goes up whenever the layout of a sysroot changes, so that older cache entries are not taken. */
const LAYOUT = 3;

/**
 * Makes the sysroot for a base from the base's libraries that libqmi needs and from Debian's -dev packages.
 * @param lists of the profile's release of Debian, if they are open already
 * @throws NetworkError when Debian cannot be reached
 */
export async function prepareSysroot(
  context: Context,
  base: BaseLibraries,
  profile: TargetProfile,
  lists?: Apt,
): Promise<Sysroot> {
  const done = context.report.step('Sysroot');
  const { glibVersion, symbols } = base;
  const key = identifySysroot(base, profile);
  const entry = await cached(context, 'sysroots', key, async (folder) => {
    const root = join(folder, 'root');
    await mkdir(root);
    const { files, ...packages } = await fetchDevPackages(context, folder, profile, lists);
    await writeSysroot(root, base, files, profile);
    await writeFile(
      join(folder, 'sysroot.json'),
      `${JSON.stringify({ glibVersion, ...packages }, null, 2)}\n`,
    );
  });
  const facts: Pick<Sysroot, 'glibVersion' | 'headersVersion' | 'inputs'> = JSON.parse(
    await readFile(join(entry.path, 'sysroot.json'), 'utf8'),
  );
  const packages = await readRuntimePackages(entry.path);
  const runtimeSymbols = packages.map(({ controlFiles }) => controlFiles.get('symbols') ?? '');
  done(`GLib ${glibVersion}${entry.hit ? ', cached' : ''}`);
  return {
    ...facts,
    packages,
    path: join(entry.path, 'root'),
    // Compiled code also depends on the headers, and the mirror may have others at another time.
    id: sha256Text(JSON.stringify([key, facts])),
    cacheHit: entry.hit,
    symbols: new Map([...runtimeSymbols, ...symbols].flatMap((text) => [...parseDpkgSymbols(text)])),
  };
}

/** A hash of what a base gives to its sysroot, and how it is made: bases with the same one are compiled for alike. */
export function identifySysroot(base: BaseLibraries, profile: TargetProfile): string {
  return sha256Text(
    JSON.stringify([
      ...[LAYOUT, hashLibraries(base), base.symbols, profile.debianCodename],
      ...[profile.devPackages, profile.runtimePackages],
    ]),
  );
}

/** Hashes names and contents. */
function hashLibraries({ libraries, startFiles }: BaseLibraries): string {
  const hash = createHash('sha256');
  for (const [name, content] of [...libraries, ...startFiles]) {
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
