import { compareVersions } from './debian-version.ts';

/** One library of a package's `symbols` file (deb-symbols(5)). */
export interface LibrarySymbols {
  /** The package to depend on: `libglib2.0-0`. */
  readonly package: string;
  /** Further packages to depend on: libmbim-glib4 asks for `libmbim-proxy`. */
  readonly alsoDepends: readonly string[];
  /** `name@VERSION` (`@Base` if unversioned) → first package version that has it. */
  readonly minimumVersions: ReadonlyMap<string, string>;
}

/** The libraries of an installed `symbols` file, by SONAME. */
export function parseDpkgSymbols(text: string): Map<string, LibrarySymbols> {
  const libraries = new Map<string, LibrarySymbols>();
  let current: Map<string, string> | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith(' ')) {
      const [symbol, version] = line.trim().split(/\s+/);
      if (symbol !== undefined && version !== undefined)
        current?.set(symbol.replace(/^\([^)]*\)/, ''), version);
    } else if (/^\S+\s+\S/.test(line) && !/^[*|#]/.test(line)) {
      // libmbim-glib.so.4 libmbim-glib4 #MINVER#, libmbim-proxy
      const [, soname = '', packageName = '', rest = ''] = /^(\S+)\s+([^\s,]+)[^,]*(.*)$/.exec(line) ?? [];
      const alsoDepends = rest.split(',').flatMap((entry) => entry.trim() || []);
      current = new Map();
      libraries.set(soname, { package: packageName, alsoDepends, minimumVersions: current });
    }
  }
  return libraries;
}

/** The oldest version of the library's package with all of `symbols` (`name@VERSION`); undefined if none is known. */
export function minimumVersion(library: LibrarySymbols, symbols: readonly string[]): string | undefined {
  return symbols
    .flatMap((symbol) => library.minimumVersions.get(symbol) ?? [])
    .reduce<string | undefined>(
      (highest, version) =>
        highest === undefined || compareVersions(version, highest) > 0 ? version : highest,
      undefined,
    );
}
