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

/** The packages that were added to a sysroot. */
export interface AddedPackages {
  /** Upstream version of the GLib headers: `2.74.6`. */
  readonly headersVersion: string;
  readonly inputs: readonly InputRecord[];
}

/**
 * Completes a sysroot with the profile's -dev packages for armhf. GLib's package gives only headers: its
 * libraries come from the base.
 */
export async function addDevPackages(
  context: Context,
  root: string,
  profile: TargetProfile,
): Promise<AddedPackages> {
  const options = { architecture: 'armhf', codename: profile.debianCodename, components: ['main'] };
  const packages = await withApt(context, options, (apt) => downloadPackages(apt, profile.devPackages));
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
  // Not libglib-2.0.so and the like: those links are made later, to the base's libraries.
  return /^[^/]+\.o$|^[^/]+_nonshared\.a$|^lib(?!g(?:lib|object|io|module|thread)-)[^/]+\.so$/.test(name);
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
