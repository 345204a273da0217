import { InputError } from '../../core/errors.ts';

/** The layout of a FAT16 or FAT32 volume, in bytes from its start. */
export interface FatGeometry {
  readonly kind: 'FAT16' | 'FAT32';
  readonly clusterBytes: number;
  /** Data clusters are numbered from 2 to `clustersCount + 1`. */
  readonly clustersCount: number;
  readonly fatOffsetBytes: number;
  readonly fatBytes: number;
  readonly dataOffsetBytes: number;
  /** FAT16: the fixed root directory. */
  readonly rootDirectory: { readonly offsetBytes: number; readonly lengthBytes: number };
  /** FAT32: first cluster of the root directory. */
  readonly rootCluster: number;
  /** The copy in the boot sector, which nobody shows; see `FatVolume.label`. */
  readonly bootSectorLabel: string;
}

const FAT_HINT = 'take an image whose first partition is FAT32, as in Raspberry Pi OS';
/** Fewer clusters make a FAT12 (specification 1.03, "FAT Type Determination"). */
const MIN_FAT16_CLUSTERS = 4085;
/** FAT32 numbers clusters in 28 bits, less the marks at their end. */
const MAX_CLUSTERS = 0x0fff_fff5;
const MAX_FAT_BYTES = 0x4000_0000;

/**
 * Reads the first sector of a FAT volume (Microsoft "FAT: General Overview of On-Disk Format" 1.03, "Boot
 * Sector and BPB").
 * @throws InputError when it is not a FAT volume, is FAT12, or has impossible numbers
 */
export function parseFatBootSector(sector: Uint8Array): FatGeometry {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length);
  const u16 = (offset: number) => view.getUint16(offset, true);
  const u32 = (offset: number) => view.getUint32(offset, true);
  if (sector.length < 512 || u16(510) !== 0xaa55)
    throw new InputError('the boot partition holds no FAT file system', { hint: FAT_HINT });
  const sectorBytes = u16(11);
  const clusterSectors = view.getUint8(13);
  const reservedSectors = u16(14);
  const fats = view.getUint8(16);
  const rootEntries = u16(17);
  const totalSectors = u16(19) || u32(32);
  // Linux recognises FAT32 by the 16-bit size 0, not by the cluster count (fs/fat/inode.c, fat_fill_super).
  const isFat32 = u16(22) === 0;
  const fatSectors = isFat32 ? u32(36) : u16(22);
  const rootSectors = Math.ceil((rootEntries * 32) / sectorBytes);
  const dataSector = reservedSectors + fats * fatSectors + rootSectors;
  const clustersCount = Math.floor((totalSectors - dataSector) / clusterSectors);
  const fatBytes = fatSectors * sectorBytes;
  const sound =
    [512, 1024, 2048, 4096].includes(sectorBytes) &&
    [1, 2, 4, 8, 16, 32, 64, 128].includes(clusterSectors) &&
    reservedSectors > 0 &&
    (fats === 1 || fats === 2) &&
    clustersCount > 0 &&
    (isFat32 ? rootEntries === 0 : rootEntries > 0);
  const isFat12 = sound && !isFat32 && clustersCount < MIN_FAT16_CLUSTERS;
  if (isFat12) throw new InputError('the boot partition is FAT12, which no Pi image has', { hint: FAT_HINT });
  const isLargeEnough = fatBytes >= (clustersCount + 2) * (isFat32 ? 4 : 2);
  if (!sound || !isLargeEnough || clustersCount > MAX_CLUSTERS || fatBytes > MAX_FAT_BYTES) {
    throw new InputError('the FAT boot sector of the boot partition is damaged');
  }
  return {
    kind: isFat32 ? 'FAT32' : 'FAT16',
    clusterBytes: clusterSectors * sectorBytes,
    clustersCount,
    fatOffsetBytes: reservedSectors * sectorBytes,
    fatBytes,
    dataOffsetBytes: dataSector * sectorBytes,
    rootDirectory: {
      offsetBytes: (dataSector - rootSectors) * sectorBytes,
      lengthBytes: rootEntries * 32,
    },
    rootCluster: isFat32 ? u32(44) : 0,
    // Latin-1, without Node's Buffer: the catalogue's page reads volumes in a browser.
    bootSectorLabel: String.fromCharCode(...sector.subarray(isFat32 ? 71 : 43, isFat32 ? 82 : 54)).trimEnd(),
  };
}
