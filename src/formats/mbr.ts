import { InputError } from '../core/errors.ts';
import type { DiskLayout, Partition } from '../core/model.ts';

/** The unit of the partition table. Raspberry Pi images and SD cards have no other. */
export const SECTOR_BYTES = 512;

const TABLE_OFFSET = 446;
const ENTRY_BYTES = 16;
const TYPE_LINUX = 0x83;
const TYPE_GPT_PROTECTIVE = 0xee;
/** FAT16 (06), FAT32 (0b), FAT32 LBA (0c), FAT16 LBA (0e). */
const FAT_TYPES: readonly number[] = [0x06, 0x0b, 0x0c, 0x0e];

/**
 * Reads the MBR partition table of a Raspberry Pi image: one FAT boot partition, then the ext4 root, last.
 * Each error has its own message.
 * @param sector0 the first 512 bytes of the disk
 * @param diskSizeBytes size of the file, to find images that were cut short
 * @throws InputError
 */
export function parseMbr(sector0: Uint8Array, diskSizeBytes: number): DiskLayout {
  if (sector0.length < SECTOR_BYTES) {
    throw notAnImage(`it has only ${diskSizeBytes} bytes, less than one sector`);
  }
  if (sector0[510] !== 0x55 || sector0[511] !== 0xaa) {
    throw notAnImage('its first sector lacks the boot signature 55 AA');
  }
  const partitions = readEntries(sector0);
  if (partitions.some((partition) => partition.type === TYPE_GPT_PROTECTIVE)) {
    throw notAnImage('it has a GPT partition table; Raspberry Pi images up to the Pi 3 have an MBR');
  }
  const [first, second] = partitions;
  if (first === undefined || second === undefined || partitions.length !== 2) {
    throw notAnImage(`it has ${count(partitions.length)}; expected two, boot and root`);
  }
  const boot = partitions.find((partition) => FAT_TYPES.includes(partition.type));
  const root = partitions.find((partition) => partition.type === TYPE_LINUX);
  if (boot === undefined || root === undefined) {
    throw notAnImage(
      `its partitions are of type ${hex(first.type)} and ${hex(second.type)}; expected FAT (0x0c) and Linux (0x83)`,
    );
  }
  if (boot.offsetBytes < SECTOR_BYTES || root.offsetBytes < SECTOR_BYTES) {
    throw notAnImage('a partition begins at sector 0, over the partition table itself');
  }
  if (root.offsetBytes < boot.offsetBytes) {
    throw notAnImage('its root partition is not the last one, so it could not grow on the card');
  }
  if (boot.offsetBytes + boot.sizeBytes > root.offsetBytes) throw notAnImage('its two partitions overlap');
  checkEnd(boot, diskSizeBytes);
  checkEnd(root, diskSizeBytes);
  return { diskId: readDiskId(sector0), sizeBytes: diskSizeBytes, boot, root };
}

/**
 * The first sector for a layout; the inverse of `parseMbr`.
 * @param previous a first sector whose boot code is kept; by default there is none, because a Pi needs none
 */
export function formatMbr(layout: DiskLayout, previous?: Uint8Array): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  if (previous !== undefined) sector.set(previous.subarray(0, TABLE_OFFSET));
  const view = new DataView(sector.buffer);
  view.setUint32(440, Number.parseInt(layout.diskId, 16), true);
  for (const partition of [layout.boot, layout.root]) {
    const offset = TABLE_OFFSET + (partition.number - 1) * ENTRY_BYTES;
    const firstSector = partition.offsetBytes / SECTOR_BYTES;
    const sectors = partition.sizeBytes / SECTOR_BYTES;
    sector[offset] = previous?.[offset] === 0x80 ? 0x80 : 0;
    sector.set(toChs(firstSector), offset + 1);
    sector[offset + 4] = partition.type;
    sector.set(toChs(firstSector + sectors - 1), offset + 5);
    view.setUint32(offset + 8, firstSector, true);
    view.setUint32(offset + 12, sectors, true);
  }
  sector.set([0x55, 0xaa], 510);
  return sector;
}

function readEntries(sector0: Uint8Array): Partition[] {
  const view = new DataView(sector0.buffer, sector0.byteOffset, SECTOR_BYTES);
  const partitions: Partition[] = [];
  for (let index = 0; index < 4; index += 1) {
    const offset = TABLE_OFFSET + index * ENTRY_BYTES;
    const status = view.getUint8(offset);
    // A bare FAT file system also ends its first sector in 55 AA, with boot code where the table would be.
    if (status !== 0 && status !== 0x80) {
      throw notAnImage('its first sector holds no partition table; is it the image of a single partition?');
    }
    const type = view.getUint8(offset + 4);
    const sectors = view.getUint32(offset + 12, true);
    if (type === 0) continue;
    partitions.push({
      number: index + 1,
      type,
      offsetBytes: view.getUint32(offset + 8, true) * SECTOR_BYTES,
      sizeBytes: sectors * SECTOR_BYTES,
    });
  }
  return partitions;
}

function checkEnd(partition: Partition, diskSizeBytes: number): void {
  if (partition.sizeBytes === 0) throw notAnImage(`its partition ${partition.number} is empty`);
  const end = partition.offsetBytes + partition.sizeBytes;
  if (end <= diskSizeBytes) return;
  throw new InputError(
    `the image was cut short: partition ${partition.number} ends at byte ${end}, the file at ${diskSizeBytes}`,
    { hint: 'copy or download it again' },
  );
}

/** The PARTUUID prefix is the little-endian number at byte 440, in hex. */
function readDiskId(sector0: Uint8Array): string {
  const view = new DataView(sector0.buffer, sector0.byteOffset, SECTOR_BYTES);
  return view.getUint32(440, true).toString(16).padStart(8, '0');
}

/** Cylinder, head, sector with fdisk's 255 heads and 63 sectors; 1023/254/63 if the sector does not fit. */
function toChs(sector: number): [number, number, number] {
  const cylinder = Math.floor(sector / (255 * 63));
  if (cylinder > 1023) return [254, 0xff, 0xff];
  const head = Math.floor(sector / 63) % 255;
  return [head, ((cylinder >> 2) & 0xc0) | ((sector % 63) + 1), cylinder & 0xff];
}

function notAnImage(why: string): InputError {
  return new InputError(`not a Raspberry Pi image: ${why}`, {
    hint: 'give the .img of a Raspberry Pi OS release, or an archive of one',
  });
}

function count(partitions: number): string {
  return partitions === 1 ? '1 partition' : `${partitions} partitions`;
}

function hex(type: number): string {
  return `0x${type.toString(16).padStart(2, '0')}`;
}
