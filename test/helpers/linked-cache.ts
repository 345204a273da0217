import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exec } from '../../src/core/exec.ts';
import { defaultCacheDir } from '../../src/host/with-run.ts';

/** What is slow to make and the same for every image of a base. */
const SECTIONS = ['apt', 'bases', 'debs', 'libqmi', 'libqmi-sources', 'sources', 'sysroots'];

/** What a boot test needs besides. */
export const BOOT_SECTIONS = ['guest-kernels', 'boot-initrds'];

/** Makes a cache folder with the content of wwanpi's usual one, without the compressed blocks and the snapshots. */
export async function linkCache(folder: string, more: readonly string[] = []): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const section of [...SECTIONS, ...more]) {
    await mkdir(join(defaultCacheDir(), section), { recursive: true });
    await symlink(join(defaultCacheDir(), section), join(folder, section));
  }
}

/** The same as a copy, for tests that change what is in it. */
export async function copyCache(exec: Exec, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const section of SECTIONS) {
    // A section that is not there is made by the first build.
    await exec(['cp', '-a', '--reflink=auto', join(defaultCacheDir(), section), folder], {
      okExitCodes: [1],
    });
  }
}
