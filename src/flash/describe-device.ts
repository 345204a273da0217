import { printable } from '../formats/printable.ts';
import { formatBytes } from '../formats/units.ts';
import type { BlockDevice } from '../tools/disk/lsblk.ts';
import { flatten } from './evaluate-device.ts';

/** Vendor, model, size, bus and serial number, in one line. The texts come from the device, so control characters are escaped. */
export function describeDevice(device: BlockDevice): string {
  const name = [device.vendor, device.model].filter((part) => part !== undefined).join(' ');
  const bus = device.transport ?? (device.mmcType === undefined ? undefined : 'card slot');
  return [
    name === '' ? 'no name' : name,
    formatBytes(device.sizeBytes),
    ...(bus === undefined ? [] : [bus]),
    ...(device.serial === undefined ? [] : [`serial ${device.serial}`]),
  ]
    .map(printable)
    .join(', ');
}

/** The current contents: "dos: boot (vfat, 268 MB), rootfs (ext4, 31.6 GB)". */
export function describeContents(device: BlockDevice): string {
  const parts = flatten(device).filter(({ path }) => path !== device.path);
  const whole =
    device.fileSystem === undefined ? '' : `${device.fileSystem} ${device.label ?? 'without a label'}`.trim();
  if (parts.length === 0) {
    if (whole !== '') return printable(whole);
    return device.partitionTable === undefined
      ? 'nothing that lsblk knows'
      : `an empty ${device.partitionTable} partition table`;
  }
  const list = parts.map(({ name, label, fileSystem, sizeBytes }) => {
    const what = [...(fileSystem === undefined ? [] : [fileSystem]), formatBytes(sizeBytes)].join(', ');
    return `${label ?? name} (${what})`;
  });
  return printable(`${device.partitionTable ?? 'partitions'}: ${list.join(', ')}`);
}

/** The drives to choose from, two lines each. */
export function formatDevices(devices: readonly BlockDevice[]): string {
  const width = Math.max(0, ...devices.map(({ path }) => path.length));
  return devices
    .map((device) => {
      const first = `  ${device.path.padEnd(width)}  ${describeDevice(device)}\n`;
      return `${first}  ${' '.repeat(width)}  now on it: ${describeContents(device)}\n`;
    })
    .join('');
}
