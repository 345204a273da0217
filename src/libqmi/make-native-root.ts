import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Disk, InputRecord } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { parseStanzas } from '../formats/debian/apt-sources.ts';
import { parseDeb } from '../formats/debian/deb.ts';
import { readText, withImageTree } from '../image/image-tree.ts';
import { withApt } from '../tools/debian/apt.ts';
import {
  type AptPackage,
  type DownloadedPackage,
  downloadPackages,
  resolvePackages,
} from '../tools/debian/apt-packages.ts';
import { type FolderWriter, openFolder } from '../tools/files/write-below.ts';
import { copyBaseRoot } from './copy-base-root.ts';
import { toInputRecord } from './fetch-dev-packages.ts';

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
  return { packages, inputs: packages.map(toInputRecord) };
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
 * Makes a scratch copy of the base's programs with packages unpacked over it. Packages are not configured: a compiler
 * needs only its files, and dpkg takes minutes under emulation.
 * @param folder receives the copy
 * @returns the copy's path, and a writer that resolves symlinks inside the copy
 */
export async function makeNativeRoot(
  context: Context,
  disk: Disk,
  packages: readonly DownloadedPackage[],
  folder: string,
): Promise<{ readonly path: string; readonly writer: FolderWriter }> {
  const path = join(folder, 'root');
  await mkdir(path);
  await copyBaseRoot(context, disk, path);
  // Compilers write to it. The base's own /tmp, which may be a symlink, is not copied.
  await mkdir(join(path, 'tmp'));
  await chmod(join(path, 'tmp'), 0o1777);
  // /lib may be a symlink to usr/lib, and remains one.
  const writer = openFolder(path, 'inside');
  for (const entry of packages) {
    if (context.signal.aborted) throw new InterruptedError('interrupted');
    await unpackOver(writer, await readFile(entry.path));
  }
  // It makes every program load Raspbian's memcpy for the Pi, which does not help an emulated processor.
  await writer.file('etc/ld.so.preload', '');
  return { path, writer };
}

async function unpackOver(writer: FolderWriter, deb: Uint8Array): Promise<void> {
  for (const file of (await parseDeb(deb)).files) {
    if (file.kind === 'directory') await writer.directory(file.path);
    else if (file.kind === 'symlink') await writer.symlink(file.path, file.target);
    else await writer.file(file.path, file.content, (file.mode & 0o777) | 0o600);
  }
}
