import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import type { Disk, InputRecord } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { parseStanzas } from '../formats/debian/apt-sources.ts';
import { readText, withImageTree } from '../image/image-tree.ts';
import { withApt } from '../tools/debian/apt.ts';
import {
  type AptPackage,
  type DownloadedPackage,
  downloadPackages,
  resolvePackages,
} from '../tools/debian/apt-packages.ts';
import { dumpRoot } from '../tools/disk/ext4.ts';
import { unpackOver } from '../tools/tar.ts';

/** The packages that a base needs to compile by itself, in the cache. */
export interface NativePackages {
  readonly packages: readonly DownloadedPackage[];
  readonly inputs: readonly InputRecord[];
}

/**
 * Resolves and downloads packages and their dependencies, without those that the base has.
 * @param names of armhf packages
 * @param codename of the release of Debian that has them
 */
export async function fetchNativePackages(
  context: Context,
  disk: Disk,
  names: readonly string[],
  codename: string,
): Promise<NativePackages> {
  const status = await withImageTree(disk, (tree) => readText(tree, DPKG_STATUS));
  const options = { architecture: 'armhf', codename, components: ['main'] };
  const packages = await withApt(context, options, async (apt) => {
    const wanted = findMissing(await resolvePackages(apt, names), status ?? '');
    return downloadPackages(
      apt,
      wanted.map(({ name, version }) => `${name}=${version}`),
    );
  });
  const inputs = packages.map(({ name, version, sha256 }) => ({
    name: `${name}:armhf`,
    sha256,
    origin: version,
    pinned: false,
  }));
  return { packages, inputs };
}

/** The packages of a list that are not installed in exactly that version, by a dpkg status file. */
export function findMissing(packages: readonly AptPackage[], status: string): AptPackage[] {
  const installed = new Set(
    parseStanzas(status)
      .filter((fields) => / installed$/.test(fields.get('status') ?? ''))
      .map((fields) => `${fields.get('package')}=${fields.get('version')}`),
  );
  return packages.filter(({ name, version }) => !installed.has(`${name}=${version}`));
}

/**
 * Makes a scratch copy of the base's root with packages unpacked over it. Packages are not configured: a compiler
 * needs only its files, and dpkg takes minutes under emulation.
 * @param folder receives the copy
 * @returns the copy's path
 */
export async function makeNativeRoot(
  context: Context,
  disk: Disk,
  packages: readonly DownloadedPackage[],
  folder: string,
): Promise<string> {
  const root = join(folder, 'root');
  const tarball = join(folder, 'package.tar');
  await mkdir(root);
  await dumpRoot(context, disk, root);
  for (const { path } of packages) {
    await context.exec(['dpkg-deb', '--fsys-tarfile', path], { stdoutFile: tarball });
    await unpackOver(context.exec, tarball, root);
  }
  await rm(tarball, { force: true });
  // It makes every program load Raspbian's memcpy for the Pi, which does not help an emulated processor.
  await rm(join(root, 'etc/ld.so.preload'), { force: true });
  // debugfs does not restore its mode, and compilers write to it.
  await chmod(join(root, 'tmp'), 0o1777);
  return root;
}
