import { copyFile, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { BugError } from '../core/errors.ts';
import { makeInitramfs } from './debian-initramfs.ts';
import type { RootFacts } from './debian-overlay.ts';

/** raspi-firmware's settings, which its hooks read at each new kernel. */
const SETTINGS = 'etc/default/raspi-firmware';

/**
 * Makes the first initramfs, where dpkg's kernel has its own, and raspi-firmware's settings. initramfs-tools(7) makes
 * every later one, on the Pi: under emulation it takes minutes.
 */
export async function makeDebianInitramfs(context: Context, root: string, facts: RootFacts): Promise<void> {
  const { recipe, diskId, epochSeconds } = facts;
  const release = await findRelease(root);
  const busybox = join(root, 'usr/bin/busybox');
  const initramfs = await makeInitramfs(context, { root, release, busybox, recipe, epochSeconds });
  await writeFile(join(root, 'boot', `initrd.img-${release}`), initramfs);
  const settings = [
    '# Set when this base was made.',
    `CMA=${recipe.displayMemory}`,
    `ROOTPART=PARTUUID=${diskId}-02`,
    'CONSOLES="ttyS1,115200 tty0"',
  ];
  const usual = await readFile(join(root, SETTINGS), 'utf8').catch(() => undefined);
  // Without raspi-firmware the file is not there.
  if (usual !== undefined) await writeFile(join(root, SETTINGS), `${usual}\n${settings.join('\n')}\n`);
}

/**
 * Moves the boot partition's files out of the root into `bootFolder`. raspi-firmware's hook has put them there, as it does
 * on the Pi: kernel, device trees, initramfs, firmware, config.txt, cmdline.txt. Without raspi-firmware there are only those
 * that QEMU needs.
 */
export async function moveDebianBoot(root: string, bootFolder: string, facts: RootFacts): Promise<void> {
  const { recipe, diskId, epochSeconds } = facts;
  const mounted = join(root, recipe.bootFolder);
  await mkdir(mounted, { recursive: true });
  await cp(mounted, bootFolder, { recursive: true });
  await rm(mounted, { recursive: true });
  await mkdir(mounted);
  const names = await readdir(bootFolder);
  if (!names.includes('cmdline.txt')) {
    const release = await findRelease(root);
    for (const name of [`vmlinuz-${release}`, `initrd.img-${release}`])
      await copyFile(join(root, 'boot', name), join(bootFolder, name));
    await writeFile(join(bootFolder, 'cmdline.txt'), formatCommandLine(diskId));
  }
  for (const name of await readdir(bootFolder, { recursive: true }))
    await utimes(join(bootFolder, name), epochSeconds, epochSeconds);
}

/** As raspi-firmware's hook writes it. */
function formatCommandLine(diskId: string): string {
  return `console=ttyS1,115200 console=tty0 root=PARTUUID=${diskId}-02 rw fsck.repair=yes net.ifnames=0 rootwait\n`;
}

/** The release of the only kernel: `6.1.0-50-armmp`. */
async function findRelease(root: string): Promise<string> {
  const [release, second] = await readdir(join(root, 'usr/lib/modules'));
  if (release === undefined || second !== undefined) throw new BugError('the base has not one kernel');
  return release;
}
