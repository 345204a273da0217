import { chmod, copyFile, mkdir, readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeSources } from '../../src/base/debian-root.ts';
import type { Context } from '../../src/core/context.ts';
import { ensureArmPrograms } from '../../src/tools/binfmt.ts';
import { type Apt, withApt } from '../../src/tools/debian/apt.ts';
import { resolvePackages } from '../../src/tools/debian/apt-packages.ts';
import { LEFT_OUT, makeRoot } from '../../src/tools/debian/mmdebstrap.ts';
import { copyIntoFat, type PartitionPlace, writePartitionTable } from '../../src/tools/disk/mkfs.ts';

/**
 * Makes a near-stock stand-in of Raspberry Pi OS Lite (Trixie, 64 bit) out of Debian's packages: the partitions, the first
 * start and the network of the published image (pi-gen, arm64 branch of 2026-06), with netplan and cloud-init and without
 * ModemManager. It has no kernel, and lacks what has nothing to do with a modem: compilers, Bluetooth, cameras. Needs root, a
 * Debian mirror, and a quarter of an hour.
 * @param image the path of the .img to write
 */
export async function makeRaspiosStandin(context: Context, image: string): Promise<void> {
  await ensureArmPrograms(context, 'arm64');
  const options = { architecture: 'arm64', codename: 'trixie', components: ['main', 'non-free-firmware'] };
  await withApt(context, options, async (apt) => {
    const folder = join(context.tmpDir, 'raspios-root');
    const { length } = await resolvePackages(apt, ['?essential', ...PACKAGES]);
    const step = context.report.step('Raspberry Pi OS stand-in');
    await makeRoot(apt, {
      folder,
      step,
      totalPackages: length,
      packages: PACKAGES,
      leftOut: LEFT_OUT,
      extractHook: join(FILES, '../../../overlays/debian-base/hooks/extract.sh'),
      essentialHook: join(FILES, 'essential.sh'),
      epochSeconds: apt.epochSeconds,
    });
    await finish(apt, folder);
    await assemble(context, image, folder, apt.epochSeconds);
    await rm(folder, { recursive: true });
    step();
  });
}

const FILES = join(import.meta.dirname, 'raspios-standin');
const MIB = 1024 * 1024;
const DISK_ID = '041bba91';
const BOOT: PartitionPlace = { offsetBytes: 8 * MIB, sizeBytes: 512 * MIB };

/** debootstrap's important packages without ifupdown, then pi-gen's lists, with what they recommend of a network. */
const PACKAGES = [
  ...['usr-is-merged', 'systemd-sysv', 'udev', 'dbus', 'libpam-systemd', 'init', 'linux-sysctl-defaults'],
  ...['apt', 'apt-utils', 'adduser', 'passwd', 'login', 'mount', 'cron', 'logrotate', 'nano', 'vim-tiny'],
  ...['whiptail', 'kmod', 'iproute2', 'nftables', 'iputils-ping', 'procps', 'netbase', 'e2fsprogs', 'fdisk'],
  ...[
    'locales',
    'tzdata',
    'systemd-timesyncd',
    'initramfs-tools',
    'ca-certificates',
    'curl',
    'openssh-server',
  ],
  ...['less', 'sudo', 'psmisc', 'ed', 'console-setup', 'keyboard-configuration', 'parted', 'bash-completion'],
  ...[
    'avahi-daemon',
    'libnss-mdns',
    'usbutils',
    'dosfstools',
    'usb-modeswitch',
    'rsync',
    'ethtool',
    'pciutils',
  ],
  ...['udisks2', 'unzip', 'zip', 'file', 'iputils-arping', 'python3'],
  ...['wpasupplicant', 'wireless-regdb', 'iw', 'rfkill', 'net-tools'],
  ...['network-manager', 'ppp', 'dnsmasq-base', 'polkitd'],
  ...['netplan.io', 'cloud-init'],
];

async function finish(apt: Apt, folder: string): Promise<void> {
  await copyTree(join(FILES, 'root'), folder);
  const texts: Readonly<Record<string, string>> = {
    'etc/fstab': [
      'proc            /proc           proc    defaults          0       0',
      `PARTUUID=${DISK_ID}-01  /boot/firmware  vfat    defaults          0       2`,
      `PARTUUID=${DISK_ID}-02  /               ext4    defaults,noatime  0       1`,
      '',
    ].join('\n'),
    'etc/hostname': 'raspberrypi\n',
    'etc/hosts':
      '127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t\traspberrypi\n',
    'etc/resolv.conf': 'nameserver 8.8.8.8\n',
    'etc/machine-id': 'uninitialized\n',
  };
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rm(join(folder, path), { force: true });
    await writeFile(join(folder, path), text);
  }
  await writeSources(folder, apt.configured);
  await apt.context.exec([join(FILES, 'customize.sh'), folder]);
  // raspi-config's do_net_names 1: interfaces keep the kernel's names.
  for (const name of ['99-default.link', '73-usb-net-by-mac.link'])
    await symlink('/dev/null', join(folder, 'etc/systemd/network', name));
  for (const path of ['dev', 'run', 'var/lib/apt/lists', 'var/cache/apt', 'boot/firmware']) {
    await rm(join(folder, path), { recursive: true, force: true });
    await mkdir(join(folder, path), { recursive: true });
  }
  for (const path of ['var/lib/apt/lists/partial', 'var/cache/apt/archives/partial'])
    await mkdir(join(folder, path), { recursive: true });
}

/** As pi-gen's export-image/prerun.sh: 8 MiB alignment, and of mke2fs's own features all but 64bit and huge_file. */
async function assemble(
  context: Context,
  image: string,
  folder: string,
  epochSeconds: number,
): Promise<void> {
  const { stdout } = await context.exec(['du', '-x', '--apparent-size', '-s', '--block-size=1', folder]);
  const wanted = Number.parseInt(stdout, 10) * 1.2 + 200 * MIB;
  const root: PartitionPlace = {
    offsetBytes: BOOT.offsetBytes + BOOT.sizeBytes,
    sizeBytes: Math.ceil(wanted / (8 * MIB)) * 8 * MIB,
  };
  await writeFile(image, '');
  await truncate(image, root.offsetBytes + root.sizeBytes);
  const sector = String(BOOT.offsetBytes / 512);
  const fat = ['mkfs.fat', '-F', '32', '-s', '1', '-n', 'bootfs', '-h', sector] as const;
  await context.exec([...fat, `--offset=${sector}`, image, String(BOOT.sizeBytes / 1024)]);
  const boot = join(context.tmpDir, 'raspios-boot');
  await copyTree(join(FILES, 'boot'), boot);
  await writeFile(join(boot, 'cmdline.txt'), COMMAND_LINE);
  for (const name of await readdir(boot)) await utimes(join(boot, name), epochSeconds, epochSeconds);
  await copyIntoFat(context, image, BOOT, boot, epochSeconds);
  await rm(boot, { recursive: true });
  const extended = `offset=${root.offsetBytes},lazy_itable_init=0,lazy_journal_init=0`;
  const features = '^64bit,^huge_file,metadata_csum,orphan_file';
  const ext4 = ['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'rootfs', '-O', features, '-E', extended] as const;
  await context.exec([...ext4, '-d', folder, image, `${root.sizeBytes / 1024}k`]);
  await writePartitionTable(context, image, { diskId: DISK_ID, boot: BOOT, root });
}

const COMMAND_LINE = `console=serial0,115200 console=tty1 root=PARTUUID=${DISK_ID}-02 rootfstype=ext4 fsck.repair=yes rootwait resize\n`;

async function copyTree(source: string, target: string): Promise<void> {
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(target, from.slice(source.length));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    await chmod(to, 0o644);
  }
}
