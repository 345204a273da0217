/** Bytes of a CD-ROM sector. */
export const SECTOR_SIZE = 2048;

const VOLUME_SECTOR = 16;
const ROOT_SECTOR = 20;
const PATH_TABLE_SECTORS = { little: 18, big: 19 } as const;

/**
 * The disc in the modem's CD-ROM: an ISO 9660 volume with an empty root folder (ECMA-119 §8.4), enough for
 * the kernel and udev's blkid to recognise a file system.
 */
export function createIsoImage(volumeName: string, sectors = 64): Buffer {
  const image = Buffer.alloc(sectors * SECTOR_SIZE);
  const root = directoryRecord(0);

  const volume = image.subarray(VOLUME_SECTOR * SECTOR_SIZE, (VOLUME_SECTOR + 1) * SECTOR_SIZE);
  volume[0] = 1;
  volume.write('CD001\x01', 1, 'latin1');
  volume.fill(' ', 8, 72);
  volume.write(volumeName.toUpperCase().slice(0, 32), 40, 'latin1');
  both32(volume, 80, sectors);
  both16(volume, 120, 1);
  both16(volume, 124, 1);
  both16(volume, 128, SECTOR_SIZE);
  both32(volume, 132, 10);
  volume.writeUInt32LE(PATH_TABLE_SECTORS.little, 140);
  volume.writeUInt32BE(PATH_TABLE_SECTORS.big, 148);
  root.copy(volume, 156);
  volume.fill(' ', 190, 813);
  for (const at of [813, 830, 847, 864]) volume.write('0000000000000000', at, 'latin1');
  volume[881] = 1;

  const terminator = (VOLUME_SECTOR + 1) * SECTOR_SIZE;
  image[terminator] = 255;
  image.write('CD001\x01', terminator + 1, 'latin1');

  const little = Buffer.from([1, 0, ROOT_SECTOR, 0, 0, 0, 1, 0, 0, 0]);
  const big = Buffer.from([1, 0, 0, 0, 0, ROOT_SECTOR, 0, 1, 0, 0]);
  little.copy(image, PATH_TABLE_SECTORS.little * SECTOR_SIZE);
  big.copy(image, PATH_TABLE_SECTORS.big * SECTOR_SIZE);

  root.copy(image, ROOT_SECTOR * SECTOR_SIZE);
  directoryRecord(1).copy(image, ROOT_SECTOR * SECTOR_SIZE + root.length);
  return image;
}

/** The root folder's record for itself (name 0) and for its parent (name 1), ECMA-119 §9.1. */
function directoryRecord(name: 0 | 1): Buffer {
  const record = Buffer.alloc(34);
  record[0] = record.length;
  both32(record, 2, ROOT_SECTOR);
  both32(record, 10, SECTOR_SIZE);
  Buffer.from([110, 1, 1, 0, 0, 0, 0]).copy(record, 18);
  record[25] = 2;
  both16(record, 28, 1);
  record[32] = 1;
  record[33] = name;
  return record;
}

function both16(bytes: Buffer, at: number, value: number) {
  bytes.writeUInt16LE(value, at);
  bytes.writeUInt16BE(value, at + 2);
}

function both32(bytes: Buffer, at: number, value: number) {
  bytes.writeUInt32LE(value, at);
  bytes.writeUInt32BE(value, at + 4);
}
