import { copyFile, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BugError, InputError } from '../core/errors.ts';
import type { Apt } from '../tools/debian/apt.ts';
import { type DownloadedPackage, downloadPackages, findPackage } from '../tools/debian/apt-packages.ts';
import { runDepmod } from '../tools/kmod.ts';
import { makeInitramfs } from './debian-initramfs.ts';
import { findOverlayFile, type RootFacts } from './debian-overlay.ts';
import type { UnpackedKernel } from './debian-recipes.ts';

/** Downloaded packages that are unpacked, not installed, to make the boot partition. */
export interface BootPackages {
  readonly kernel: DownloadedPackage;
  readonly busybox: DownloadedPackage;
  /** raspi-firmware and Wi-Fi firmware; empty if the mirror has no non-free-firmware. */
  readonly firmware: readonly DownloadedPackage[];
}

/** The current kernel's package with its version. `meta` is empty and depends on it. */
export async function findKernel(apt: Apt, meta: string): Promise<string> {
  const [found] = await downloadPackages(apt, [meta]);
  const { stdout } = await apt.context.exec(['dpkg-deb', '--field', found?.path ?? '', 'Depends']);
  const name = /linux-image-[\w.+-]+/.exec(stdout)?.[0] ?? meta;
  return `${name}=${await findPackage(apt, name)}`;
}

/** Downloads them. `names` may have versions: `busybox-static=1.35`. */
export async function downloadBootPackages(
  apt: Apt,
  kernelName: string,
  firmwareNames: readonly string[],
): Promise<BootPackages> {
  const names = [kernelName, 'busybox-static', ...firmwareNames];
  const [kernel, busybox, ...firmware] = await downloadPackages(apt, names);
  if (kernel === undefined || busybox === undefined) throw new InputError('the Debian mirror has no kernel');
  return { kernel, busybox, firmware };
}

/**
 * Puts the kernel's modules and the Wi-Fi firmware into the root, and the boot partition's files (kernel,
 * device trees, initramfs, Raspberry Pi firmware, config.txt, cmdline.txt) into `bootFolder`.
 */
export async function makeUnpackedBoot(
  apt: Apt,
  packages: BootPackages,
  folders: { root: string; boot: string; scratch: string },
  facts: RootFacts & { readonly unpacked: UnpackedKernel },
): Promise<void> {
  const { context } = apt;
  const { recipe, unpacked, epochSeconds } = facts;
  const { root, boot, scratch } = folders;
  await mkdir(boot, { recursive: true });
  await mkdir(scratch, { recursive: true });
  // Not unpacked into the root directly: dpkg-deb would replace the link /lib with a folder.
  const unpack = async (entry: DownloadedPackage) => {
    const folder = join(scratch, entry.name);
    await context.exec(['dpkg-deb', '-x', entry.path, folder]);
    return folder;
  };
  const kernel = await unpack(packages.kernel);
  const busybox = await unpack(packages.busybox);
  const kernelModules = join(kernel, 'lib/modules');
  const [release] = await readdir(kernelModules);
  if (release === undefined) throw new BugError(`${packages.kernel.fileName} has no modules`);
  for (const path of recipe.leftOutModules) {
    await rm(join(kernelModules, release, 'kernel', path), { recursive: true, force: true });
  }
  await context.exec(['cp', '-a', kernelModules, join(root, 'usr/lib/')]);
  await runDepmod(context, root, release);
  for (const entry of packages.firmware) {
    const folder = await unpack(entry);
    await context.exec(['cp', '-a', join(folder, 'lib/firmware'), join(root, 'usr/lib/')]);
    if (entry.name !== 'raspi-firmware') continue;
    for (const name of unpacked.firmwareFiles) {
      await copyFile(join(folder, 'usr/lib/raspi-firmware', name), join(boot, name));
    }
  }
  await copyFile(join(kernel, 'boot', `vmlinuz-${release}`), join(boot, 'vmlinuz'));
  const trees = join(kernel, 'usr/lib', `linux-image-${release}`);
  for (const name of (await readdir(trees)).filter((candidate) => unpacked.deviceTrees.test(candidate))) {
    await copyFile(join(trees, name), join(boot, name));
  }
  const inputs = { root, release, busybox: join(busybox, 'bin/busybox'), recipe, epochSeconds };
  await writeFile(join(boot, 'initrd.img'), await makeInitramfs(context, inputs));
  await copyFile(findOverlayFile(recipe, 'boot/config.txt'), join(boot, 'config.txt'));
  await writeFile(join(boot, 'cmdline.txt'), formatCommandLine(facts));
  for (const name of await readdir(boot)) await utimes(join(boot, name), epochSeconds, epochSeconds);
}

/** The kernel command line; one line, as programs that edit it expect. */
function formatCommandLine({ recipe, diskId }: RootFacts): string {
  return `console=ttyS1,115200 console=tty0 root=PARTUUID=${diskId}-02 rootfstype=ext4 rw fsck.repair=yes net.ifnames=0 cma=${recipe.displayMemory} rootwait\n`;
}
