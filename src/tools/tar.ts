import { mkdir } from 'node:fs/promises';
import type { Exec } from '../core/exec.ts';

/**
 * Unpacks a tarball of any compression GNU tar knows into `folder`, without its one top-level folder. File
 * times are kept: make must not believe that shipped man pages are older than their sources.
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
 * Unpacks a package's files over a root file system: /lib may be a symlink to usr/lib there, and stays one. Owners are
 * not kept: the root is for this user to work in.
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
