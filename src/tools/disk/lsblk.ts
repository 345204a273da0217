import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ToolFailedError } from '../../core/errors.ts';
import type { Exec } from '../../core/exec.ts';

/** A block device as lsblk(8) shows it, with the devices on top of it as children. */
export interface BlockDevice {
  /** The usual name: `sdb`, `mmcblk0`, `vg-root`. */
  readonly name: string;
  /** `/dev/sdb`. */
  readonly path: string;
  /** `8:16`. */
  readonly majorMinor: string;
  /** `disk`, `part`, `loop`, `crypt`, `lvm`, `raid1`, `rom` … */
  readonly type: string;
  /** 0 for a card reader without a card. */
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** The kernel's `removable`: the medium can be taken out. False for USB disks. */
  readonly removable: boolean;
  /** On a hotplug bus: USB, FireWire, an SD card slot. */
  readonly hotplug: boolean;
  /** `usb`, `sata`, `nvme`, `mmc`; undefined if lsblk knows none. */
  readonly transport: string | undefined;
  readonly vendor: string | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** Its mount points; `[SWAP]` for swap. */
  readonly mountPoints: readonly string[];
  readonly fileSystem: string | undefined;
  readonly label: string | undefined;
  /** `dos`, `gpt`. */
  readonly partitionTable: string | undefined;
  /** For an SD or MMC device: `SD` for a card, `MMC` for soldered storage. */
  readonly mmcType: string | undefined;
  readonly children: readonly BlockDevice[];
}

const COLUMNS = [
  ...['NAME', 'PATH', 'MAJ:MIN', 'TYPE', 'SIZE', 'RO', 'RM', 'HOTPLUG', 'TRAN', 'VENDOR', 'MODEL', 'SERIAL'],
  ...['MOUNTPOINTS', 'FSTYPE', 'LABEL', 'PTTYPE'],
];

/**
 * Every block device of the machine: disks, with their partitions and the devices on top of those as children.
 * @throws ToolFailedError when lsblk is older than 2.37 (no MOUNTPOINTS) or its output has an unknown form
 */
export async function listBlockDevices(exec: Exec): Promise<BlockDevice[]> {
  const { stdout } = await exec(['lsblk', '--json', '--bytes', '--output', COLUMNS.join(',')]);
  const devices = parseLsblk(stdout);
  return Promise.all(
    devices.map(async (device) => ({ ...device, mmcType: await readMmcType(device.name, '/sys/block') })),
  );
}

/** The device tree in lsblk's JSON. `mmcType` is not in it. */
export function parseLsblk(json: string): BlockDevice[] {
  let parsed: z.infer<typeof output>;
  try {
    parsed = output.parse(JSON.parse(json));
  } catch (error) {
    throw new ToolFailedError('wwanpi cannot read the output of lsblk', {
      detail: error instanceof z.ZodError ? z.prettifyError(error) : String(error),
      cause: error,
    });
  }
  return parsed.blockdevices.map(toDevice);
}

/** An SD card's slot says SD, soldered eMMC says MMC (the kernel's Documentation/driver-api/mmc/mmc-dev-attrs.rst). */
export async function readMmcType(name: string, sysBlock: string): Promise<string | undefined> {
  if (!/^mmcblk\d+$/.test(name)) return undefined;
  return readFile(`${sysBlock}/${name}/device/type`, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

/** Vendor and model are padded to SCSI's field width. */
const text = z
  .string()
  .nullish()
  .transform((value) => (value?.trim() === '' ? undefined : value?.trim()));

const fields = z.object({
  name: z.string(),
  path: z.string(),
  'maj:min': z.string().transform((value) => value.trim()),
  type: z.string(),
  size: z
    .number()
    .nullable()
    .transform((value) => value ?? 0),
  ro: z.boolean(),
  rm: z.boolean(),
  hotplug: z.boolean(),
  tran: text,
  vendor: text,
  model: text,
  serial: text,
  fstype: text,
  label: text,
  pttype: text,
  mountpoints: z
    .array(z.string().nullable())
    .transform((values) => values.filter((value): value is string => value !== null && value !== '')),
});

type Node = z.infer<typeof fields> & { children?: Node[] | undefined };

const node: z.ZodType<Node> = fields.extend({ children: z.lazy(() => z.array(node).optional()) });

const output = z.object({ blockdevices: z.array(node) });

function toDevice(raw: Node): BlockDevice {
  return {
    ...{ name: raw.name, path: raw.path, majorMinor: raw['maj:min'], type: raw.type, sizeBytes: raw.size },
    ...{ readOnly: raw.ro, removable: raw.rm, hotplug: raw.hotplug, transport: raw.tran },
    ...{ vendor: raw.vendor, model: raw.model, serial: raw.serial, mountPoints: raw.mountpoints },
    ...{ fileSystem: raw.fstype, label: raw.label, partitionTable: raw.pttype, mmcType: undefined },
    children: (raw.children ?? []).map(toDevice),
  };
}
