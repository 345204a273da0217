import { posix } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import { BugError } from '../core/errors.ts';
import type { PackageFile } from '../core/model.ts';
import type { DebContents } from '../formats/debian/deb.ts';
import { type BaseLibraries, collectLibraries } from './read-base-libraries.ts';

/** The packages whose libraries libqmi links; what they depend on has the rest. */
export const LIBRARY_PACKAGES: readonly string[] = ['libc6', 'libgcc-s1', 'libglib2.0-0'];

/**
 * What `readBaseLibraries` finds in a base, from the packages that the base will be made of: a sysroot of either is the
 * same.
 * @param debs by package name: `LIBRARY_PACKAGES`, and what they depend on
 */
export function readPackagedLibraries(
  debs: ReadonlyMap<string, DebContents>,
  profile: TargetProfile,
): Promise<BaseLibraries> {
  const files = new Map([...debs.values()].flatMap((deb) => deb.files.map((file) => [file.path, file])));
  return collectLibraries(profile, {
    find: async (path) => {
      const file = follow(files, path);
      return file === undefined ? undefined : { path: file.path, read: async () => file.content };
    },
    findSymbols: async (name) => debs.get(name)?.controlFiles.get('symbols'),
    readStartFiles: () => {
      throw new BugError('the start files of this target are not in packages');
    },
  });
}

type RegularFile = Extract<PackageFile, { readonly kind: 'file' }>;

/** Packages have few links, each to a file beside it or to one of another package. */
function follow(files: ReadonlyMap<string, PackageFile>, path: string): RegularFile | undefined {
  let file = files.get(path);
  for (let links = 0; file?.kind === 'symlink' && links < 10; links++) {
    file = files.get(posix.resolve(posix.dirname(file.path), file.target));
  }
  return file?.kind === 'file' ? file : undefined;
}
