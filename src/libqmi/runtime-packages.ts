import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { BuiltPackage } from '../core/model.ts';
import { readPackage } from '../formats/debian/read-package.ts';
import type { DownloadedPackage } from '../tools/debian/apt-packages.ts';

/** Keeps those of the downloaded packages that go into images beside a sysroot, in the same cache entry. */
export async function keepRuntimePackages(
  folder: string,
  packages: readonly DownloadedPackage[],
  { runtimePackages }: TargetProfile,
): Promise<void> {
  await mkdir(join(folder, 'packages'));
  for (const { name, path } of packages) {
    if (runtimePackages.includes(name)) await copyFile(path, join(folder, 'packages', `${name}.deb`));
  }
}

/**
 * The packages that `keepRuntimePackages` kept, by name.
 * @throws VerificationError when one cannot go into an image
 */
export async function readRuntimePackages(folder: string): Promise<BuiltPackage[]> {
  const names = (await readdir(join(folder, 'packages'))).sort();
  return Promise.all(names.map(async (name) => readPackage(await readFile(join(folder, 'packages', name)))));
}
