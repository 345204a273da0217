import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../core/context.ts';
import { packageRoot } from '../core/package.ts';
import { formatNewc, type NewcEntry } from '../formats/newc.ts';
import { cached } from '../host/cache.ts';
import { resolveModules, runDepmod } from '../tools/kmod.ts';
import type { GuestKernel } from './prepare-guest-kernel.ts';
import type { Scenario } from './scenario.ts';

/** Modules that /init loads itself, for the disk and for the port the probe writes to. */
const EARLY_MODULES = ['virtio_mmio', 'virtio_blk', 'virtio_console', 'crc32c_generic', 'ext4'];

/**
 * Modules that the image's own udev and modprobe may load: the drivers a Pi's kernel has for the modem, for /boot and
 * for systemd, and those for the cards of QEMU's board.
 */
const IMAGE_MODULES = [
  ...['xhci_pci', 'usbserial', 'option', 'usb_wwan', 'cdc_wdm', 'qmi_wwan', 'usbnet', 'cdc_ether'],
  ...['cdc_mbim', 'cdc_ncm'],
  ...['usb_storage', 'uas', 'sd_mod', 'sr_mod', 'cdrom', 'sg', 'isofs'],
  ...['virtio_pci', 'virtio_net', 'virtio_rng'],
  ...['vfat', 'msdos', 'nls_cp437', 'nls_iso8859_1', 'nls_ascii', 'nls_utf8'],
  // The firewall's, by nft and by iptables.
  ...['nf_tables', 'nft_ct', 'nft_compat', 'nf_conntrack', 'xt_conntrack', 'xt_tcpudp'],
  ...['iptable_filter', 'ip6table_filter'],
  // A keyboard's LED stands for the Pi's.
  ...['virtio_input', 'ledtrig_timer'],
  ...['autofs4', 'fuse', 'configfs', 'loop', 'tun', 'evdev'],
];

/** Every module that a guest may need. */
export const GUEST_MODULES: readonly string[] = [...EARLY_MODULES, ...IMAGE_MODULES];

const OVERLAY = join(packageRoot, 'overlays/boot-test');
const APPLETS = [
  'cat',
  'cp',
  'echo',
  'insmod',
  'ln',
  'ls',
  'mkdir',
  'mount',
  'mv',
  'poweroff',
  'sh',
  'sleep',
];
const MORE_APPLETS = ['switch_root', 'umount', 'uname', '['];

/**
 * The initramfs with which a boot test starts an image: busybox, our /init and probe (overlays/boot-test describes
 * them), and the modules of the kernel, which the image lacks. Made once and cached.
 * @returns its path
 */
export async function makeBootInitrd(
  context: Context,
  kernel: GuestKernel,
  qmicli: Scenario['machine']['qmicli'] = 'image',
): Promise<string> {
  const names = (await readdir(OVERLAY)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(OVERLAY, name))));
  const hash = createHash('sha256').update(
    JSON.stringify([kernel.rootDir, qmicli, EARLY_MODULES, IMAGE_MODULES]),
  );
  for (const text of texts) hash.update(text);
  const { path } = await cached(context, 'boot-initrds', hash.digest('hex').slice(0, 24), async (folder) => {
    const tree = join(folder, 'tree');
    await makeModulesTree(context, kernel, tree);
    const early = await resolveModules(context, tree, kernel.version, EARLY_MODULES);
    const entries = [
      ...(await listEntries(kernel, tree, early)),
      ...(qmicli === 'image' ? [] : await listQmicli(context, folder)),
    ];
    await writeFile(join(folder, 'initrd.img'), formatNewc(entries, 0));
    await rm(tree, { recursive: true });
  });
  return join(path, 'initrd.img');
}

/** lib/modules/VERSION with the few modules wanted, indexed for modprobe and udev. */
async function makeModulesTree(context: Context, kernel: GuestKernel, root: string): Promise<void> {
  const { rootDir, version } = kernel;
  const paths = await resolveModules(context, rootDir, version, GUEST_MODULES);
  const lists = ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'];
  for (const path of [...paths, ...lists.map((name) => join('lib/modules', version, name))]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(join(rootDir, path), join(root, path));
  }
  // Debian 13 compresses its modules: neither our insmod nor the emulated processor has to decompress them then.
  const compressed = paths.filter((path) => path.endsWith('.xz'));
  if (compressed.length > 0) {
    await context.exec(['xz', '--decompress', ...compressed.map((path) => join(root, path))]);
  }
  await runDepmod(context, root, version);
}

async function listEntries(
  kernel: GuestKernel,
  tree: string,
  early: readonly string[],
): Promise<NewcEntry[]> {
  const folders = ['bin', 'dev', 'lib', 'lib/modules', 'modules', 'probe', 'proc', 'root', 'sys'];
  const file = async (path: string, source: string, mode = 0o644): Promise<NewcEntry> => ({
    kind: 'file',
    path,
    mode,
    content: await readFile(source),
  });
  return [
    ...folders.map((path) => ({ kind: 'directory' as const, path, mode: 0o755 })),
    await file('bin/busybox', kernel.busyboxPath, 0o755),
    ...[...APPLETS, ...MORE_APPLETS].map((name) => ({
      kind: 'symlink' as const,
      path: `bin/${name}`,
      target: 'busybox',
    })),
    await file('init', join(OVERLAY, 'init'), 0o755),
    await file('probe/probe', join(OVERLAY, 'probe')),
    await file('probe/wwanpi-probe.service', join(OVERLAY, 'wwanpi-probe.service')),
    ...(await Promise.all(early.map((path) => file(`modules/${basename(path)}`, join(tree, path))))),
    {
      kind: 'file',
      path: 'order',
      mode: 0o644,
      content: Buffer.from(early.map((path) => `${basename(path)}\n`).join('')),
    },
    ...(await listFolder(join(tree, 'lib/modules', kernel.version), `lib/modules/${kernel.version}`)),
  ];
}

/** A qmicli that sends IP family 0: a wrapper, and the library that it preloads before libqmi. */
async function listQmicli(context: Context, folder: string): Promise<NewcEntry[]> {
  const library = join(folder, 'ip-family-0.so');
  await context.exec([
    'clang',
    ...['--target=arm-linux-gnueabihf', '-march=armv6', '-mfloat-abi=hard', '-mfpu=vfp', '-marm', '-Os'],
    ...['-ffreestanding', '-fPIC', '-shared', '-nostdlib', '-fuse-ld=lld', '-Wl,--build-id=none'],
    ...['-o', library, join(OVERLAY, 'ip-family-0.c')],
  ]);
  const content = await readFile(library);
  await rm(library);
  const wrapper = await readFile(join(OVERLAY, 'qmicli'));
  return [
    { kind: 'file', path: 'probe/ip-family-0.so', mode: 0o755, content },
    { kind: 'file', path: 'probe/qmicli', mode: 0o755, content: wrapper },
  ];
}

async function listFolder(folder: string, path: string): Promise<NewcEntry[]> {
  const entries: NewcEntry[] = [{ kind: 'directory', path, mode: 0o755 }];
  const children = await readdir(folder, { withFileTypes: true });
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const from = join(folder, child.name);
    const to = `${path}/${child.name}`;
    if (child.isDirectory()) entries.push(...(await listFolder(from, to)));
    else entries.push({ kind: 'file', path: to, mode: 0o644, content: await readFile(from) });
  }
  return entries;
}
