import { printable } from '../formats/printable.ts';
import { formatBytes } from '../formats/units.ts';
import type { BlockDevice } from '../tools/disk/lsblk.ts';

/** The reasons against writing to a device, each a sentence that begins with its path. */
export interface DeviceVerdict {
  /** These hold even with --force. */
  readonly refusals: readonly string[];
  /** --force overrides these. */
  readonly objections: readonly string[];
}

/** The machine runs from a device that is mounted at or below one of these. */
const SYSTEM_MOUNTS = ['/boot', '/usr', '/var', '/home', '/nix', '/run/live', '/lib/live', '/cdrom'];

/**
 * Whether an image may be written to the whole of a device. Pure: `devices` is the output of lsblk.
 * @param path of a block device, after following symlinks
 * @param imageBytes size of the raw disk; undefined if it is not known before decompression
 * @param systemNumbers major:minor of the devices with the running system's folders, for containers, where lsblk
 *   shows no mounts
 */
export function evaluateDevice(
  path: string,
  devices: readonly BlockDevice[],
  imageBytes: number | undefined,
  systemNumbers: readonly string[] = [],
): DeviceVerdict {
  const found = findDevice(path, devices);
  if (found === undefined) {
    return { refusals: [`${path} is not a disk: lsblk does not list it`], objections: [] };
  }
  const { device, disk } = found;
  const kind = checkKind(device, disk);
  if (kind !== undefined) return { refusals: [kind], objections: [] };
  if (device.sizeBytes === 0) {
    return { refusals: [`${path} has no card in it, or the reader does not see it`], objections: [] };
  }
  const refusals = [
    ...checkUse(device, systemNumbers),
    ...(device.readOnly ? [`${path} is read-only: look at the card's write-protect switch`] : []),
    ...(imageBytes !== undefined && device.sizeBytes < imageBytes
      ? [
          `${path} holds ${formatBytes(device.sizeBytes)} (${device.sizeBytes} bytes); the image needs ${formatBytes(imageBytes)} (${imageBytes} bytes)`,
        ]
      : []),
  ];
  return { refusals, objections: evaluatePlace(device) };
}

/** The disks to offer for an image: no refusal, no objection. */
export function findFitDisks(
  devices: readonly BlockDevice[],
  imageBytes: number | undefined,
  systemNumbers: readonly string[] = [],
): BlockDevice[] {
  return devices.filter((device) => {
    const { refusals, objections } = evaluateDevice(device.path, devices, imageBytes, systemNumbers);
    return refusals.length === 0 && objections.length === 0;
  });
}

/** Why the removable disks that do not fit are not offered, a sentence each; the running system's disks are left out. */
export function explainUnfitDisks(
  devices: readonly BlockDevice[],
  imageBytes: number | undefined,
  systemNumbers: readonly string[] = [],
): string[] {
  return devices
    .filter((device) => device.type === 'disk' && evaluatePlace(device).length === 0)
    .filter((device) => !isSystem(device, systemNumbers))
    .flatMap(({ path }) => evaluateDevice(path, devices, imageBytes, systemNumbers).refusals);
}

/** The device at a path, and the disk at the root of its tree. */
export function findDevice(
  path: string,
  devices: readonly BlockDevice[],
): { readonly device: BlockDevice; readonly disk: BlockDevice } | undefined {
  for (const disk of devices) {
    const device = flatten(disk).find((each) => each.path === path);
    if (device !== undefined) return { device, disk };
  }
  return undefined;
}

/** A device, its partitions, and everything on them (RAID, LVM, encryption). */
export function flatten(device: BlockDevice): BlockDevice[] {
  return [device, ...device.children.flatMap(flatten)];
}

function checkKind({ path, name, type }: BlockDevice, disk: BlockDevice): string | undefined {
  if (type === 'part') {
    return `${path} is a partition; an image is a whole disk: name ${disk.path} if that is the card`;
  }
  if (/^mmcblk\d+(boot\d+|rpmb|gp\d+)$/.test(name)) {
    return `${path} is a hardware partition of soldered storage, not a disk`;
  }
  // NBD and virtual disks are `disk` too; zram is memory.
  if ((type === 'disk' && !/^(zram|ram)\d+$/.test(name)) || type === 'loop') return undefined;
  return type === 'disk'
    ? `${path} is memory, not a disk`
    : `${path} is not a disk but ${type === 'rom' ? 'an optical drive' : `of type ${type}, on ${disk.path}`}`;
}

/** One sentence per reason: the running system, other mounts, then other users of the device. */
function checkUse(device: BlockDevice, systemNumbers: readonly string[]): string[] {
  const all = flatten(device);
  const mounts = all.flatMap((each) => each.mountPoints.map((point) => ({ each, point })));
  const system = mounts.filter(({ point }) => isSystemMount(point));
  if (system.length > 0) {
    const list = system.map(({ each, point }) => `${printable(point)} on ${each.path}`).join(', ');
    return [`${device.path} holds the running system: ${list}`];
  }
  if (all.some((each) => systemNumbers.includes(each.majorMinor))) {
    return [`${device.path} holds the running system`];
  }
  const held = all.filter(({ type, path }) => path !== device.path && type !== 'part');
  return [
    ...mounts.map(
      ({ each, point }) => `${each.path} is mounted at ${printable(point)}: sudo umount ${each.path}`,
    ),
    ...held.map(({ path, type }) => `${device.path} is in use by ${path} (${type}): close that first`),
  ];
}

function isSystem(device: BlockDevice, systemNumbers: readonly string[]): boolean {
  return flatten(device).some(
    ({ mountPoints, majorMinor }) => mountPoints.some(isSystemMount) || systemNumbers.includes(majorMinor),
  );
}

function isSystemMount(point: string): boolean {
  if (point === '/' || point === '[SWAP]') return true;
  return SYSTEM_MOUNTS.some((each) => point === each || point.startsWith(`${each}/`));
}

function evaluatePlace({ path, mmcType, removable, hotplug, transport, type }: BlockDevice): string[] {
  if (type === 'loop') return [`${path} is a loop device, not a card`];
  if (mmcType === 'MMC') return [`${path} is storage soldered to this machine (eMMC), not a card`];
  if (removable || hotplug || transport === 'usb' || mmcType === 'SD') return [];
  return [`${path} is not removable${transport === undefined ? '' : ` (${transport})`}`];
}
