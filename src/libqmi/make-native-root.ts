import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk, InputRecord } from '../core/model.ts';
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

/** The packages a base lacks to compile for itself, in the cache. */
export interface NativePackages {
  readonly packages: readonly DownloadedPackage[];
  readonly inputs: readonly InputRecord[];
}

/**
 * Resolves and downloads the target's own compiler: what `nativePackages` need and the base does not have.
 * @throws InputError for a target whose packages are not known
 */
export async function fetchNativePackages(
  context: Context,
  disk: Disk,
  profile: TargetProfile,
): Promise<NativePackages> {
  const { nativePackages } = profile;
  if (nativePackages === undefined) {
    throw new InputError(`--builder qemu is not for ${profile.name}: no compiler for it is at hand`, {
      hint: 'leave it out (clang compiles for every base), or take --base debian-bookworm',
    });
  }
  const status = await withImageTree(disk, (tree) => readText(tree, '/var/lib/dpkg/status'));
  const options = { architecture: 'armhf', codename: profile.debianCodename, components: ['main'] };
  const packages = await withApt(context, options, async (apt) => {
    const wanted = findMissing(await resolvePackages(apt, nativePackages), status ?? '');
    return downloadPackages(
      apt,
      wanted.map(({ name, version }) => `${name}=${version}`),
    );
  });
  const inputs = packages.map(({ name, version, sha256 }) => ({
    ...{ name: `${name}:armhf`, sha256, origin: version, pinned: false },
  }));
  return { packages, inputs };
}

/** The packages of a list that a dpkg status does not have installed in that very version. */
export function findMissing(packages: readonly AptPackage[], status: string): AptPackage[] {
  const installed = new Set(
    parseStanzas(status)
      .filter((fields) => / installed$/.test(fields.get('status') ?? ''))
      .map((fields) => `${fields.get('package')}=${fields.get('version')}`),
  );
  return packages.filter(({ name, version }) => !installed.has(`${name}=${version}`));
}

/**
 * A scratch copy of the base's root with the toolchain unpacked over it. Nothing is configured: a compiler needs no
 * more than its files, and dpkg under emulation takes minutes.
 */
export async function makeNativeRoot(
  context: Context,
  disk: Disk,
  { packages }: NativePackages,
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
  // debugfs makes it before it knows the mode, and compilers work in it.
  await chmod(join(root, 'tmp'), 0o1777);
  return root;
}
