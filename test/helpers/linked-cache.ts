import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Exec } from '../../src/core/exec.ts';
import { defaultCacheDir } from '../../src/host/with-run.ts';

/** What is slow to make and the same for every image of a base. */
const SECTIONS = ['apt', 'bases', 'debs', 'libqmi', 'libqmi-sources', 'sources', 'sysroots'];

/** What a boot test needs besides. */
export const BOOT_SECTIONS = ['guest-kernels', 'boot-initrds'];

/** Makes a cache folder with the content of wwanpi's usual one, without the compressed blocks and the snapshots. */
export async function linkCache(
  folder: string,
  { more = [], except = [] }: { readonly more?: readonly string[]; readonly except?: readonly string[] } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const section of [...SECTIONS, ...more].filter((each) => !except.includes(each))) {
    await mkdir(join(defaultCacheDir(), section), { recursive: true });
    await symlink(join(defaultCacheDir(), section), join(folder, section));
  }
}

/** Copies sections of the usual cache, for tests that change what is in them. */
export async function copySections(exec: Exec, sections: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const section of sections) {
    // A section that is not there is made by the first build.
    await exec(['cp', '-a', '--reflink=auto', join(defaultCacheDir(), section), folder], {
      okExitCodes: [1],
    });
  }
}

/** The whole cache as a copy. */
export async function copyCache(exec: Exec, folder: string): Promise<void> {
  await copySections(exec, SECTIONS, folder);
}

/**
 * Copies one base of the usual cache: all of them are gigabytes.
 * @param disk its disk, as `wwanpi fetch` prints it
 */
export async function copyBaseEntry(exec: Exec, disk: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'bases'), { recursive: true });
  await exec(['cp', '-a', '--reflink=auto', '--sparse=always', dirname(disk), join(folder, 'bases')]);
}

/** Copies the newest package lists of Debian 12 for the Pi, of each mirror. */
export async function copyAptLists(exec: Exec, folder: string): Promise<void> {
  const section = join(defaultCacheDir(), 'apt');
  await mkdir(join(folder, 'apt'), { recursive: true });
  const newest = new Map<string, string>();
  for (const name of (await readdir(section)).sort()) {
    const lists = await readdir(join(section, name, 'state/lists')).catch(() => []);
    if (lists.some((list) => /_bookworm_.*_binary-armhf_/.test(list)))
      newest.set(name.split('-')[0] ?? '', name);
  }
  for (const name of newest.values())
    await exec(['cp', '-a', '--reflink=auto', join(section, name), join(folder, 'apt')]);
}
