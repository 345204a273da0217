import { access, copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Context } from '../core/context.ts';
import { BugError, VerificationError } from '../core/errors.ts';
import { formatNewc, type NewcEntry } from '../formats/newc.ts';
import type { Apt } from '../tools/debian/apt.ts';
import type { DownloadedPackage } from '../tools/debian/apt-packages.ts';
import { resolveModules, runDepmod } from '../tools/kmod.ts';
import { decompressXz } from '../tools/xz.ts';
import type { DebianRecipe } from './debian-recipes.ts';

/** Downloaded packages that are unpacked, not installed, to make the boot partition. */
export interface BootPackages {
  readonly kernel: DownloadedPackage;
  readonly busybox: DownloadedPackage;
  /** raspi-firmware and Wi-Fi firmware; empty if the mirror has no non-free-firmware. */
  readonly firmware: readonly DownloadedPackage[];
}

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

/**
 * Puts the kernel's modules and the Wi-Fi firmware into the root, and the boot partition's files (kernel,
 * device trees, initramfs, Raspberry Pi firmware, config.txt, cmdline.txt) into `bootFolder`.
 * @returns the kernel's release, `6.1.0-50-armmp`
 */
export async function makeDebianBoot(
  apt: Apt,
  packages: BootPackages,
  folders: { root: string; boot: string; scratch: string },
  facts: { recipe: DebianRecipe; diskId: string; epochSeconds: number },
): Promise<string> {
  const { context } = apt;
  const { recipe } = facts;
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
  const kernelModules = await findMerged(kernel, 'lib/modules');
  const [release] = await readdir(kernelModules);
  if (release === undefined) throw new BugError(`${packages.kernel.fileName} has no modules`);
  for (const path of recipe.leftOutModules) {
    await rm(join(kernelModules, release, 'kernel', path), { recursive: true, force: true });
  }
  await context.exec(['cp', '-a', kernelModules, join(root, 'usr/lib/')]);
  await runDepmod(context, root, release);
  await resolveModules(context, root, release, MODEM_MODULES);
  for (const entry of packages.firmware) {
    const folder = await unpack(entry);
    await context.exec(['cp', '-a', await findMerged(folder, 'lib/firmware'), join(root, 'usr/lib/')]);
    if (entry.name !== 'raspi-firmware') continue;
    for (const name of recipe.firmwareFiles) {
      await copyFile(join(folder, 'usr/lib/raspi-firmware', name), join(boot, name));
    }
  }
  await copyFile(join(kernel, 'boot', `vmlinuz-${release}`), join(boot, 'vmlinuz'));
  const trees = join(kernel, 'usr/lib', `linux-image-${release}`, recipe.deviceTrees.folder);
  for (const name of (await readdir(trees)).filter((candidate) => recipe.deviceTrees.names.test(candidate))) {
    await copyFile(join(trees, name), join(boot, name));
  }
  const modules = await resolveModules(context, root, release, recipe.initramfsModules);
  const entries = await listInitramfs(
    context,
    recipe,
    root,
    modules,
    await findMerged(busybox, 'bin/busybox'),
  );
  await writeFile(join(boot, 'initrd.img'), gzipSync(formatNewc(entries, facts.epochSeconds), { level: 9 }));
  await copyFile(join(recipe.overlay, 'boot/config.txt'), join(boot, 'config.txt'));
  await writeFile(join(boot, 'cmdline.txt'), formatCommandLine(facts.diskId));
  for (const name of await readdir(boot))
    await utimes(join(boot, name), facts.epochSeconds, facts.epochSeconds);
  return release;
}

/** Debian 12's packages have some files in /lib and /bin, Debian 13's all in /usr. */
async function findMerged(folder: string, path: string): Promise<string> {
  const merged = join(folder, 'usr', path);
  return access(merged).then(
    () => merged,
    () => join(folder, path),
  );
}

/** The kernel command line; one line, as programs that edit it expect. cma: the display needs more than armmp's default. */
function formatCommandLine(diskId: string): string {
  return `console=ttyS1,115200 console=tty0 root=PARTUUID=${diskId}-02 rootfstype=ext4 rw fsck.repair=yes net.ifnames=0 cma=64M rootwait\n`;
}

async function listInitramfs(
  context: Context,
  recipe: DebianRecipe,
  root: string,
  modules: readonly string[],
  busybox: string,
): Promise<NewcEntry[]> {
  // BusyBox's insmod does not hand over a compressed one as the kernel wants it (finit_module(2)).
  const names = modules.map((path) => basename(path, '.xz'));
  if (new Set(names).size !== names.length) {
    throw new VerificationError(`two modules of the initramfs have the same name: ${names.join(' ')}`);
  }
  const file = async (path: string, mode: number, source: string): Promise<NewcEntry> => ({
    kind: 'file',
    path,
    mode,
    content: await readFile(source),
  });
  const drivers: NewcEntry[] = [];
  for (const path of modules) {
    const content = await readModule(context, join(root, path));
    drivers.push({ kind: 'file', path: `modules/${basename(path, '.xz')}`, mode: 0o644, content });
  }
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
    await file('init', 0o755, join(recipe.overlay, 'initramfs/init')),
    ...drivers,
    { kind: 'file', path: 'modules/order', mode: 0o644, content: Buffer.from(`${names.join('\n')}\n`) },
  ];
}

async function readModule(context: Context, path: string): Promise<Buffer> {
  if (!path.endsWith('.xz')) return readFile(path);
  return decompressXz(path, context.signal, async (stream) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}
