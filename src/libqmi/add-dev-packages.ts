import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { VerificationError } from '../core/errors.ts';
import type { InputRecord, PackageFile } from '../core/model.ts';
import { parseDeb } from '../formats/debian/deb.ts';
import { upstreamVersion } from '../formats/debian/debian-version.ts';
import { withApt } from '../tools/debian/apt.ts';
import { type DownloadedPackage, downloadPackages } from '../tools/debian/apt-packages.ts';
import { keepRuntimePackages } from './runtime-packages.ts';

/** What came into a sysroot from Debian. */
export interface AddedPackages {
  /** Upstream version of the GLib headers: `2.74.6`. */
  readonly headersVersion: string;
  readonly inputs: readonly InputRecord[];
}

/**
 * Completes a sysroot with the profile's packages for armhf. From GLib's only headers are taken: its libraries are the
 * base's own.
 * @param folder the cache entry of the sysroot; its `root` is filled, and packages for the image are kept beside it
 */
export async function addDevPackages(
  context: Context,
  folder: string,
  profile: TargetProfile,
): Promise<AddedPackages> {
  const options = { architecture: 'armhf', codename: profile.debianCodename, components: ['main'] };
  const names = [...profile.devPackages, ...profile.runtimePackages];
  const packages = await withApt(context, options, (apt) => downloadPackages(apt, names));
  await keepRuntimePackages(folder, packages, profile);
  const root = join(folder, 'root');
  for (const entry of packages) {
    const { files } = await parseDeb(await readFile(entry.path));
    for (const file of files) if (isWanted(file.path, profile)) await put(root, file);
  }
  return { headersVersion: upstreamVersion(getGlib(packages).version), inputs: packages.map(toRecord) };
}

function isWanted(path: string, { triplet }: TargetProfile): boolean {
  const libraries = `/usr/lib/${triplet}/`;
  if (path.startsWith('/usr/include/') || path.startsWith(`${libraries}glib-2.0/include/`)) return true;
  if (path.startsWith(`/usr/lib/gcc/${triplet}/`)) return /\/(?:crt[^/]*\.o|libgcc[^/]*)$/.test(path);
  if (!path.startsWith(libraries)) return false;
  const name = path.slice(libraries.length);
  if (/^pkgconfig\/(?:mbim|qrtr)-glib\.pc$/.test(name)) return true;
  // Not libglib-2.0.so and its like: those links are made to what the base has.
  return /^[^/]+\.o$|^[^/]+_nonshared\.a$|^lib(?!g(?:lib|object|io|module|thread)-)[^/]+\.so(?:\.[\d.]+)?$/.test(
    name,
  );
}

async function put(root: string, file: PackageFile): Promise<void> {
  if (file.kind === 'directory') return;
  const path = join(root, file.path);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  if (file.kind === 'symlink') await symlink(file.target, path);
  else await writeFile(path, file.content);
}

function getGlib(packages: readonly DownloadedPackage[]): DownloadedPackage {
  const glib = packages.find(({ name }) => name === 'libglib2.0-dev');
  if (glib === undefined) throw new VerificationError('Debian gave no libglib2.0-dev for armhf');
  return glib;
}

function toRecord({ name, version, sha256 }: DownloadedPackage): InputRecord {
  return { name: `${name}:armhf`, sha256, origin: version, pinned: false };
}
