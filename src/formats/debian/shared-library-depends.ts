import type { ElfFile } from '../elf/elf.ts';
import { compareVersions } from './debian-version.ts';
import { type LibrarySymbols, minimumVersion } from './dpkg-symbols.ts';

/** The result of `computeDepends`. */
export interface LibraryDepends {
  /** Entries of a Depends field, sorted: `libc6 (>= 2.17)`. */
  readonly depends: readonly string[];
  /** SONAMEs that are in no known package. */
  readonly unknown: readonly string[];
}

/**
 * The packages that these ELF files depend on, each in the oldest version that has every used symbol, as
 * dpkg-shlibdeps(1) does.
 * @param ignore SONAMEs that another entry of Depends covers
 */
export function computeDepends(
  files: readonly ElfFile[],
  libraries: ReadonlyMap<string, LibrarySymbols>,
  ignore: ReadonlySet<string>,
): LibraryDepends {
  const versions = new Map<string, string | undefined>();
  const others = new Set<string>();
  const unknown = new Set<string>();
  for (const elf of files) {
    const symbols = elf.symbols
      .filter(({ defined }) => !defined)
      .map(({ name, version }) => `${name}@${version ?? 'Base'}`);
    for (const soname of elf.needed) {
      if (ignore.has(soname)) continue;
      const library = libraries.get(soname);
      if (library === undefined) {
        unknown.add(soname);
        continue;
      }
      const version = minimumVersion(library, symbols);
      versions.set(library.package, newer(versions.get(library.package), version));
      for (const other of library.alsoDepends) others.add(other);
    }
  }
  const depends = [...versions].map(([name, version]) =>
    version === undefined ? name : `${name} (>= ${version})`,
  );
  return { depends: [...new Set([...depends, ...others])].sort(), unknown: [...unknown].sort() };
}

function newer(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareVersions(a, b) >= 0 ? a : b;
}
