import type { Architecture, BootFolder, Stack } from '../core/model.ts';
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
  /** The folders in overlays/ whose files it gets, the later one over the earlier: hooks, the initramfs's init, the root's. */
  readonly overlays: readonly string[];
  /** The packages of the root besides the essential ones, the kernel's and the firmware's. */
  readonly packages: readonly string[];
  /** The units to enable. */
  readonly services: readonly string[];
  /** The empty package that depends on the current kernel's package. */
  readonly kernel: string;
  /** Where the FAT file system is mounted: raspi-firmware's hooks fill this folder. */
  readonly bootFolder: BootFolder;
  readonly bootBytes: number;
  /** The display's memory, as the kernel's cma= takes it; 0 leaves it to the kernel. */
  readonly displayMemory: string;
  /** Drivers for the disks that the root can be on: SD cards, USB drives, QEMU's virtio disks. */
  readonly initramfsModules: readonly string[];
  /** Folders of large drivers of cards for slots that these Pis do not have: no kernel gets them. */
  readonly leftOutModules: readonly string[];
  /** What resolv.conf says until a connection is up. */
  readonly resolvConf: string;
  /** The kernel is not dpkg's: its package is unpacked, and the FAT file system filled from here. */
  readonly unpacked?: UnpackedKernel;
}

/** What of a kernel's and the firmware's packages an image gets that does not install them. */
export interface UnpackedKernel {
  /** Device trees, by the names that the firmware loads with upstream_kernel=1. */
  readonly deviceTrees: RegExp;
  /** The files of raspi-firmware that the firmware of these Pis loads; not those for camera and codecs. */
  readonly firmwareFiles: readonly string[];
}

const MIB = 1024 * 1024;

/** A system that boots, is updated by apt, its kernel too, and is reached by SSH. */
const COMMON_PACKAGES = [
  'usr-is-merged',
  ...['systemd-sysv', 'udev', 'dbus', 'libpam-systemd', 'systemd-timesyncd', 'tzdata'],
  // Since Debian 13 nothing depends on login, and the console needs it.
  ...[
    'apt',
    'adduser',
    'passwd',
    'login',
    'mount',
    'sudo',
    'bash',
    'less',
    'nano',
    'procps',
    'ca-certificates',
  ],
  ...['wpasupplicant', 'openssh-server', 'iproute2', 'nftables', 'iputils-ping', 'netbase', 'wireless-regdb'],
  ...['kmod', 'usbutils', 'usb-modeswitch', 'e2fsprogs', 'fdisk', 'dosfstools'],
];

/** busybox is for the shell of an initramfs whose root does not come, zstd for its size. */
const KERNEL_PACKAGES = ['initramfs-tools', 'busybox-static', 'zstd'];

const COMMON_SERVICES = [
  ...['sshswitch.service', 'regenerate_ssh_host_keys.service', 'grow-root.service'],
  'systemd-timesyncd.service',
];

const COMMON_MODULES = [
  ...['virtio_mmio', 'virtio_pci', 'virtio_blk', 'pci_host_generic'],
  ...['bcm2835', 'sdhci_iproc', 'mmc_block', 'bcm2835_dma'],
  ...['dwc2', 'xhci_pci', 'ehci_pci', 'usb_storage', 'uas', 'sd_mod'],
  ...['ext4', 'crc32c_generic'],
];

const LEFT_OUT_MODULES = [
  ...['drivers/gpu/drm/amd', 'drivers/gpu/drm/nouveau', 'drivers/gpu/drm/radeon'],
  'drivers/infiniband',
];

const COMMON = {
  version: 3,
  bootFolder: '/boot/firmware',
  // The firmware, and two kernels with an initramfs of all drivers each.
  bootBytes: 512 * MIB,
} as const;

/** What a 32-bit kernel of Debian starts on. */
const ARMHF = {
  architecture: 'armhf',
  models: ['pi2-32bit', 'pi3-32bit'],
  kernel: 'linux-image-armmp',
  // The kernel's own 16 MB are not enough for the display.
  displayMemory: '64M',
  initramfsModules: COMMON_MODULES,
  // The network of these Pis is on USB.
  leftOutModules: [...LEFT_OUT_MODULES, 'drivers/isdn', 'drivers/net/ethernet'],
} as const;

const ARM64 = {
  architecture: 'arm64',
  // The Pi 5's USB ports and network are behind a chip that this kernel has no driver for.
  models: ['pi3-64bit', 'pi4-64bit'],
  kernel: 'linux-image-arm64',
  // A Pi 4 does not start with raspi-firmware's usual value; the kernel's own is 64 MB.
  displayMemory: '0',
  // The card slot of the Pi 4 gets its voltage by a GPIO, and its USB ports are behind PCIe.
  initramfsModules: [...COMMON_MODULES, 'gpio_regulator', 'reset_raspberrypi', 'pcie_brcmstb'],
  leftOutModules: LEFT_OUT_MODULES,
} as const;

/** With NetworkManager and ModemManager, which needs ppp for modems without a network interface. */
const NETWORK_MANAGER = {
  stack: 'networkmanager',
  overlays: ['debian-base'],
  packages: [
    ...COMMON_PACKAGES,
    ...KERNEL_PACKAGES,
    ...['network-manager', 'modemmanager', 'libqmi-utils', 'libmbim-utils', 'polkitd', 'ppp'],
  ],
  services: [...COMMON_SERVICES, 'NetworkManager.service', 'ModemManager.service'],
  resolvConf: '# NetworkManager writes this file once a connection is up.\n',
} as const;

/**
 * Debian 12 with the network tools of Raspbian Lite. Its kernel is not dpkg's: raspi-firmware's hooks want the FAT file system
 * at /boot/firmware, and its images have it at /boot.
 */
export const BOOKWORM: DebianRecipe = {
  ...ARMHF,
  version: 2,
  codename: 'bookworm',
  stack: 'ifupdown',
  overlays: ['debian-base', 'debian-bookworm'],
  packages: [...COMMON_PACKAGES, 'ifupdown', 'isc-dhcp-client', 'dhcpcd', 'openresolv', 'libglib2.0-0'],
  services: [...COMMON_SERVICES, 'wifi-preset.service', 'dhcpcd.service'],
  bootFolder: '/boot',
  bootBytes: 64 * MIB,
  resolvConf: '# resolvconf(8) writes this file once an interface is up.\n',
  unpacked: {
    deviceTrees: /^bcm283[67]-rpi-[\w-]+\.dtb$/,
    firmwareFiles: ['bootcode.bin', 'start.elf', 'fixup.dat', 'start_cd.elf', 'fixup_cd.dat'],
  },
};

/** Debian 13 for 32 bit. */
export const TRIXIE_ARMHF: DebianRecipe = { ...COMMON, ...ARMHF, ...NETWORK_MANAGER, codename: 'trixie' };

/** Debian 13 for 64 bit. */
export const TRIXIE_ARM64: DebianRecipe = { ...COMMON, ...ARM64, ...NETWORK_MANAGER, codename: 'trixie' };
