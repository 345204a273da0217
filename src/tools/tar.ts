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
