import { readFile } from 'node:fs/promises';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { VerificationError } from '../core/errors.ts';
import type { InputRecord, PackageFile } from '../core/model.ts';
import { parseDeb } from '../formats/debian/deb.ts';
import { upstreamVersion } from '../formats/debian/debian-version.ts';
import { type Apt, withApt } from '../tools/debian/apt.ts';
import { type DownloadedPackage, downloadPackages } from '../tools/debian/apt-packages.ts';
import { keepRuntimePackages } from './runtime-packages.ts';

/** Debian's part of a sysroot. */
export interface DevPackages {
  /** Upstream version of the GLib headers: `2.74.6`. */
  readonly headersVersion: string;
  readonly inputs: readonly InputRecord[];
  /** Headers; with `startFiles: 'packages'` also start files, and linker scripts and symlinks of libraries. */
  readonly files: readonly PackageFile[];
}

/**
 * Downloads the profile's packages for armhf and selects their files for a sysroot. GLib's package gives only headers: its
 * libraries come from the base.
 * @param folder the cache entry of the sysroot, which also keeps the packages that go into images
 * @param lists of that release, if they are open already
 */
export async function fetchDevPackages(
  context: Context,
  folder: string,
  profile: TargetProfile,
  lists?: Apt,
): Promise<DevPackages> {
  const options = { architecture: 'armhf', codename: profile.debianCodename, components: ['main'] };
  const names = [...profile.devPackages, ...profile.runtimePackages];
  const packages =
    lists === undefined
      ? await withApt(context, options, (apt) => downloadPackages(apt, names))
      : await downloadPackages(lists, names);
  await keepRuntimePackages(folder, packages, profile);
  const files: PackageFile[] = [];
  for (const entry of packages) {
    const deb = await parseDeb(await readFile(entry.path));
    files.push(...deb.files.filter((file) => isWanted(file, profile)));
  }
  return {
    headersVersion: upstreamVersion(getGlib(packages).version),
    inputs: packages.map(toInputRecord),
    files,
  };
}

/** A package of Debian's, for the manifest. */
export function toInputRecord({ name, version, sha256 }: DownloadedPackage): InputRecord {
  return { name: `${name}:armhf`, sha256, origin: version, pinned: false };
}

function isWanted({ kind, path }: PackageFile, { triplet, startFiles }: TargetProfile): boolean {
  const libraries = `/usr/lib/${triplet}/`;
  const isHeader = path.startsWith('/usr/include/') || path.startsWith(`${libraries}glib-2.0/include/`);
  if (isHeader) return kind === 'file';
  if (startFiles === 'base' || kind === 'directory') return false;
  if (path.startsWith(`/usr/lib/gcc/${triplet}/`)) return /\/(?:crt[^/]*\.o|libgcc[^/]*)$/.test(path);
  if (!path.startsWith(libraries)) return false;
  const name = path.slice(libraries.length);
  if (/^pkgconfig\/(?:mbim|qrtr)-glib\.pc$/.test(name)) return true;
  // Not libglib-2.0.so and the like: those links are made later, to the base's libraries.
  return /^[^/]+\.o$|^[^/]+_nonshared\.a$|^lib(?!g(?:lib|object|io|module|thread)-)[^/]+\.so(?:\.[\d.]+)?$/.test(
    name,
  );
}

function getGlib(packages: readonly DownloadedPackage[]): DownloadedPackage {
  const glib = packages.find(({ name }) => name === 'libglib2.0-dev');
  if (glib === undefined) throw new VerificationError('Debian gave no libglib2.0-dev for armhf');
  return glib;
}
