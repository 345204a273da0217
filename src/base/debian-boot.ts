import { copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BugError, VerificationError } from '../core/errors.ts';
import { formatNewc, type NewcEntry } from '../formats/newc.ts';
import type { Apt } from '../tools/debian/apt.ts';
import type { DownloadedPackage } from '../tools/debian/apt-packages.ts';
import { resolveModules, runDepmod } from '../tools/kmod.ts';
import { DEBIAN_OVERLAY } from './debian-root.ts';

/** Downloaded packages that are unpacked, not installed, to make the boot partition. */
export interface BootPackages {
  readonly kernel: DownloadedPackage;
  readonly busybox: DownloadedPackage;
  /** raspi-firmware and Wi-Fi firmware; empty if the mirror has no non-free-firmware. */
  readonly firmware: readonly DownloadedPackage[];
}

/** Drivers for the disks that the root can be on: SD cards of the Pi 2 and 3, USB drives, QEMU's virtio disks. */
const INITRAMFS_MODULES = [
  ...['virtio_mmio', 'virtio_pci', 'virtio_blk', 'pci_host_generic'],
  ...['bcm2835', 'sdhci_iproc', 'mmc_block', 'bcm2835_dma'],
  ...['dwc2', 'xhci_pci', 'ehci_pci', 'usb_storage', 'uas', 'sd_mod'],
  ...['ext4', 'crc32c_generic'],
];

/** The image needs these to use the modem; a new kernel without one of them must fail here. */
const MODEM_MODULES = [
  'option',
  'qmi_wwan',
  'cdc_wdm',
  'usbserial',
  'usbnet',
  'usb_storage',
  'xhci_pci',
  'vfat',
];

/** Device trees of the Pi 2 and 3, by the names that the firmware loads with upstream_kernel=1. */
const DEVICE_TREES = /^bcm283[67]-rpi-[\w-]+\.dtb$/;

/** The files that the firmware of the Pi 1 to 3 loads; not those for camera, codecs and the Pi 4. */
const FIRMWARE_FILES = ['bootcode.bin', 'start.elf', 'fixup.dat', 'start_cd.elf', 'fixup_cd.dat'];

/** Large drivers of cards for slots that the Pi does not have. */
const LEFT_OUT_MODULES = [
  ...['drivers/gpu/drm/amd', 'drivers/gpu/drm/nouveau', 'drivers/gpu/drm/radeon'],
  ...['drivers/infiniband', 'drivers/isdn', 'drivers/net/ethernet'],
];

/**
 * Puts the kernel's modules and the Wi-Fi firmware into the root, and the boot partition's files (kernel,
 * device trees, initramfs, Raspberry Pi firmware, config.txt, cmdline.txt) into `bootFolder`.
 * @returns the kernel's release, `6.1.0-50-armmp`
 */
export async function makeDebianBoot(
  apt: Apt,
  packages: BootPackages,
  folders: { root: string; boot: string; scratch: string },
  facts: { diskId: string; epochSeconds: number },
): Promise<string> {
  const { context } = apt;
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
  const [release] = await readdir(join(kernel, 'lib/modules'));
  if (release === undefined) throw new BugError(`${packages.kernel.fileName} has no modules`);
  for (const path of LEFT_OUT_MODULES) {
    await rm(join(kernel, 'lib/modules', release, 'kernel', path), { recursive: true, force: true });
  }
  await context.exec(['cp', '-a', join(kernel, 'lib/modules'), join(root, 'usr/lib/')]);
  await runDepmod(context, root, release);
  await resolveModules(context, root, release, MODEM_MODULES);
  for (const entry of packages.firmware) {
    const folder = await unpack(entry);
    await context.exec(['cp', '-a', join(folder, 'lib/firmware'), join(root, 'usr/lib/')]);
    if (entry.name !== 'raspi-firmware') continue;
    for (const name of FIRMWARE_FILES) {
      await copyFile(join(folder, 'usr/lib/raspi-firmware', name), join(boot, name));
    }
  }
  await copyFile(join(kernel, 'boot', `vmlinuz-${release}`), join(boot, 'vmlinuz'));
  const trees = join(kernel, 'usr/lib', `linux-image-${release}`);
  for (const name of (await readdir(trees)).filter((candidate) => DEVICE_TREES.test(candidate))) {
    await copyFile(join(trees, name), join(boot, name));
  }
  const modules = await resolveModules(context, root, release, INITRAMFS_MODULES);
  const entries = await listInitramfs(root, modules, join(busybox, 'bin/busybox'));
  await writeFile(join(boot, 'initrd.img'), gzipSync(formatNewc(entries, facts.epochSeconds), { level: 9 }));
  await copyFile(join(DEBIAN_OVERLAY, 'boot/config.txt'), join(boot, 'config.txt'));
  await writeFile(join(boot, 'cmdline.txt'), formatCommandLine(facts.diskId));
  for (const name of await readdir(boot))
    await utimes(join(boot, name), facts.epochSeconds, facts.epochSeconds);
  return release;
}

/** The kernel command line; one line, as programs that edit it expect. cma: the display needs more than armmp's default. */
function formatCommandLine(diskId: string): string {
  return `console=ttyS1,115200 console=tty0 root=PARTUUID=${diskId}-02 rootfstype=ext4 rw fsck.repair=yes net.ifnames=0 cma=64M rootwait\n`;
}

async function listInitramfs(
  root: string,
  modules: readonly string[],
  busybox: string,
): Promise<NewcEntry[]> {
  const names = modules.map((path) => basename(path));
  if (new Set(names).size !== names.length) {
    throw new VerificationError(`two modules of the initramfs have the same name: ${names.join(' ')}`);
  }
  const file = async (path: string, mode: number, source: string): Promise<NewcEntry> => ({
    kind: 'file',
    path,
    mode,
    content: await readFile(source),
  });
  const folders = ['bin', 'dev', 'modules', 'proc', 'root', 'sys'];
  const applets = [
    ...[
      'basename',
      'cat',
      'dd',
      'echo',
      'findfs',
      'hexdump',
      'insmod',
      'ls',
      'mount',
      'reboot',
      'sh',
      'sleep',
    ],
    ...['switch_root', 'tr', 'umount', '['],
  ];
  return [
    ...folders.map((path) => ({ kind: 'directory' as const, path, mode: 0o755 })),
    await file('bin/busybox', 0o755, busybox),
    ...applets.map((name) => ({ kind: 'symlink' as const, path: `bin/${name}`, target: 'busybox' })),
    await file('init', 0o755, join(DEBIAN_OVERLAY, 'initramfs/init')),
    ...(await Promise.all(modules.map((path) => file(`modules/${basename(path)}`, 0o644, join(root, path))))),
    { kind: 'file', path: 'modules/order', mode: 0o644, content: Buffer.from(`${names.join('\n')}\n`) },
  ];
}
