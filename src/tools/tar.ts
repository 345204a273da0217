import { mkdir } from 'node:fs/promises';
import type { Exec } from '../core/exec.ts';

/**
 * Unpacks a tarball of any compression that GNU tar knows into `folder`, without its one top-level folder. File
 * times are kept, or make would rebuild the shipped man pages.
 */
export async function unpackTarball(exec: Exec, tarball: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await exec([
    'tar',
    '--extract',
    `--file=${tarball}`,
    '--force-local',
    `--directory=${folder}`,
    '--strip-components=1',
    '--no-same-owner',
    '--no-same-permissions',
  ]);
}

/**
 * Unpacks a package's files over a root file system. /lib may be a symlink to usr/lib there, and remains one. Owners
 * are not kept, because this user works in the root.
 */
export async function unpackOver(exec: Exec, tarball: string, root: string): Promise<void> {
  await exec([
    'tar',
    '--extract',
    `--file=${tarball}`,
    '--force-local',
    `--directory=${root}`,
    '--keep-directory-symlink',
    '--no-same-owner',
  ]);
}
