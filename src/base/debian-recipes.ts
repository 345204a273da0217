import { join } from 'node:path';
import type { Architecture, BootFolder, Stack } from '../core/model.ts';
import { packageRoot } from '../core/package.ts';
import type { PiModel } from '../formats/release-files/os-list.ts';

/** Everything that differs between the bases that are built here from Debian's packages. */
export interface DebianRecipe {
  /** Part of the cache key; increased when a change of the code changes this base. */
  readonly version: number;
  readonly codename: string;
  readonly architecture: Architecture;
  readonly stack: Stack;
  /** The Pis that start it with Debian's kernel. */
  readonly models: readonly PiModel[];
  /** The files that it puts into its root, boot partition and initramfs. */
  readonly overlay: string;
  /** The packages of the root besides the essential ones. */
  readonly packages: readonly string[];
  /** The empty package that depends on the current kernel's package. */
  readonly kernel: string;
  /** Where the FAT file system is mounted. */
  readonly bootFolder: BootFolder;
  readonly bootBytes: number;
  /** Device trees below the kernel package's folder of them, by the names that the firmware loads with upstream_kernel=1. */
  readonly deviceTrees: { readonly folder: string; readonly names: RegExp };
  /** The files of raspi-firmware that the firmware of these Pis loads; not those for camera and codecs. */
  readonly firmwareFiles: readonly string[];
  /** Drivers for the disks that the root can be on: SD cards, USB drives, QEMU's virtio disks. */
  readonly initramfsModules: readonly string[];
  /** Folders of large drivers of cards for slots that these Pis do not have. */
  readonly leftOutModules: readonly string[];
  /** What resolv.conf says until a connection is up. */
  readonly resolvConf: string;
}

const MIB = 1024 * 1024;

/** What every base has: a system that boots, is updated by apt, and is reached by SSH. */
const COMMON_PACKAGES = [
  'usr-is-merged',
  ...['systemd-sysv', 'udev', 'dbus', 'libpam-systemd', 'systemd-timesyncd', 'tzdata'],
  ...['apt', 'adduser', 'passwd', 'mount', 'sudo', 'bash', 'less', 'nano', 'procps', 'ca-certificates'],
  ...['wpasupplicant', 'openssh-server', 'iproute2', 'nftables', 'iputils-ping', 'netbase', 'wireless-regdb'],
  ...['kmod', 'usbutils', 'usb-modeswitch', 'e2fsprogs', 'fdisk', 'dosfstools'],
];

const COMMON_MODULES = [
  ...['virtio_mmio', 'virtio_pci', 'virtio_blk', 'pci_host_generic'],
  ...['bcm2835', 'sdhci_iproc', 'mmc_block', 'bcm2835_dma'],
  ...['dwc2', 'xhci_pci', 'ehci_pci', 'usb_storage', 'uas', 'sd_mod'],
  ...['ext4', 'crc32c_generic'],
];

const FIRMWARE_FILES = ['bootcode.bin', 'start.elf', 'fixup.dat', 'start_cd.elf', 'fixup_cd.dat'];

const LEFT_OUT_MODULES = ['drivers/gpu/drm/amd', 'drivers/gpu/drm/nouveau', 'drivers/gpu/drm/radeon'];

/** Debian 12 with the network tools of Raspbian Lite: ifupdown and dhcpcd. */
export const BOOKWORM: DebianRecipe = {
  version: 2,
  codename: 'bookworm',
  architecture: 'armhf',
  stack: 'ifupdown',
  models: ['pi2-32bit', 'pi3-32bit'],
  overlay: join(packageRoot, 'overlays/debian-bookworm'),
  packages: [...COMMON_PACKAGES, ...['ifupdown', 'isc-dhcp-client', 'dhcpcd', 'openresolv', 'libglib2.0-0']],
  kernel: 'linux-image-armmp',
  bootFolder: '/boot',
  bootBytes: 64 * MIB,
  deviceTrees: { folder: '', names: /^bcm283[67]-rpi-[\w-]+\.dtb$/ },
  firmwareFiles: FIRMWARE_FILES,
  initramfsModules: COMMON_MODULES,
  leftOutModules: [...LEFT_OUT_MODULES, 'drivers/infiniband', 'drivers/isdn', 'drivers/net/ethernet'],
  resolvConf: '# resolvconf(8) writes this file once an interface is up.\n',
};

/** Debian 13 with NetworkManager and ModemManager. */
const TRIXIE = {
  version: 1,
  codename: 'trixie',
  stack: 'networkmanager',
  overlay: join(packageRoot, 'overlays/debian-trixie'),
  packages: [
    ...COMMON_PACKAGES,
    ...['network-manager', 'modemmanager', 'libqmi-utils', 'libmbim-utils', 'polkitd', 'ppp'],
  ],
  bootFolder: '/boot/firmware',
  bootBytes: 512 * MIB,
  resolvConf: '# NetworkManager writes this file once a connection is up.\n',
} as const;

/** For the Pi 3, 4 and Zero 2 W. */
export const TRIXIE_ARM64: DebianRecipe = {
  ...TRIXIE,
  architecture: 'arm64',
  // The Pi 5's USB ports and network are behind a chip that this kernel has no driver for.
  models: ['pi3-64bit', 'pi4-64bit'],
  kernel: 'linux-image-arm64',
  deviceTrees: { folder: 'broadcom', names: /^bcm(?:2837|2711)-rpi-[\w-]+\.dtb$/ },
  firmwareFiles: [...FIRMWARE_FILES, 'start4.elf', 'fixup4.dat', 'start4cd.elf', 'fixup4cd.dat'],
  // The card slot of the Pi 4 gets its voltage by a GPIO, and its USB ports are behind PCIe.
  initramfsModules: [...COMMON_MODULES, 'gpio_regulator', 'reset_raspberrypi', 'pcie_brcmstb'],
  leftOutModules: [...LEFT_OUT_MODULES, 'drivers/infiniband'],
};
