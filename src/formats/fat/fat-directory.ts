import type { FatGeometry } from './fat-boot-sector.ts';

/** One file or directory in a FAT directory. */
export interface FatEntry {
  /** The long name, or the short one with its lower-case flags applied, as in Linux. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly firstCluster: number;
  readonly sizeBytes: number;
  /** Seconds since 1970. The stored local time is taken for UTC, which is what wwanpi writes. */
  readonly mtimeSeconds: number;
}

const ENTRY_BYTES = 32;
const ATTRIBUTE_VOLUME = 0x08;
const ATTRIBUTE_DIRECTORY = 0x10;
const ATTRIBUTE_LONG_NAME = 0x0f;
const LAST_LONG_ENTRY = 0x40;
/** The offsets of the 13 UTF-16 units in a long-name entry. */
const LONG_NAME_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/**
 * The entries of a directory's bytes, without `.`, `..`, deleted ones and the volume label
 * (Microsoft FAT specification 1.03, "FAT Directory Structure" and "FAT Long Directory Entries").
 * Like Linux, it drops a long name whose checksum or order does not fit its short entry.
 */
export function parseFatDirectory(bytes: Uint8Array, kind: FatGeometry['kind']): readonly FatEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: FatEntry[] = [];
  let long: LongName | undefined;
  for (let offset = 0; offset + ENTRY_BYTES <= bytes.length; offset += ENTRY_BYTES) {
    const first = view.getUint8(offset);
    const attributes = view.getUint8(offset + 11);
    if (first === 0) break;
    if (first === 0xe5) {
      long = undefined;
    } else if ((attributes & 0x3f) === ATTRIBUTE_LONG_NAME) {
      long = addLongPart(view, offset, long);
    } else {
      const shortName = bytes.subarray(offset, offset + 11);
      if ((attributes & ATTRIBUTE_VOLUME) === 0 && first !== 0x2e) {
        entries.push({
          name: longNameFor(long, shortName) ?? formatShortName(shortName, view.getUint8(offset + 12)),
          isDirectory: (attributes & ATTRIBUTE_DIRECTORY) !== 0,
          firstCluster: getFirstCluster(view, offset, kind),
          sizeBytes: view.getUint32(offset + 28, true),
          mtimeSeconds: parseTime(view.getUint16(offset + 24, true), view.getUint16(offset + 22, true)),
        });
      }
      long = undefined;
    }
  }
  return entries;
}

/**
 * The volume's label as blkid(8) and Linux show it: an entry of the root directory with the volume bit alone, and no
 * cluster; undefined where there is none. Mlabel and Windows change this one and may leave the boot sector's as it is.
 * @param bytes the root directory's
 */
export function findFatLabel(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = 0; offset + ENTRY_BYTES <= bytes.length; offset += ENTRY_BYTES) {
    const first = view.getUint8(offset);
    const attributes = view.getUint8(offset + 11);
    if (first === 0) break;
    const isLabel = (attributes & (ATTRIBUTE_VOLUME | ATTRIBUTE_DIRECTORY)) === ATTRIBUTE_VOLUME;
    const hasCluster = view.getUint16(offset + 20, true) !== 0 || view.getUint16(offset + 26, true) !== 0;
    if (first === 0xe5 || !isLabel || hasCluster || (attributes & 0x3f) === ATTRIBUTE_LONG_NAME) continue;
    const name = bytes.slice(offset, offset + 11);
    if (first === 0x05) name[0] = 0xe5;
    return String.fromCharCode(...name).trimEnd();
  }
  return undefined;
}

/** The upper half is FAT32's; OS/2 keeps something else there on FAT16 (Linux: fs/fat/fat.h, fat_get_start). */
function getFirstCluster(view: DataView, offset: number, kind: FatGeometry['kind']): number {
  const high = kind === 'FAT32' ? view.getUint16(offset + 20, true) : 0;
  return high * 0x10000 + view.getUint16(offset + 26, true);
}

interface LongName {
  readonly checksum: number;
  /** Number of the part that was read last; the name is complete at 1. */
  readonly part: number;
  readonly text: string;
}

/** Parts are stored in reverse order, the last one first. */
function addLongPart(view: DataView, offset: number, previous: LongName | undefined): LongName | undefined {
  const ordinal = view.getUint8(offset);
  const checksum = view.getUint8(offset + 13);
  const part = ordinal & 0x3f;
  let text = '';
  for (const at of LONG_NAME_OFFSETS) {
    const unit = view.getUint16(offset + at, true);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  if ((ordinal & LAST_LONG_ENTRY) !== 0) return part === 0 ? undefined : { checksum, part, text };
  if (previous === undefined || previous.part !== part + 1 || previous.checksum !== checksum)
    return undefined;
  return { checksum, part, text: text + previous.text };
}

function longNameFor(long: LongName | undefined, shortName: Uint8Array): string | undefined {
  if (long === undefined || long.part !== 1) return undefined;
  let sum = 0;
  for (const byte of shortName) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum === long.checksum ? long.text : undefined;
}

/** Windows NT stores "all lower case" of base and extension in two bits of byte 12, without a long name. */
function formatShortName(bytes: Uint8Array, flags: number): string {
  const text = String.fromCharCode(...bytes);
  const base = `${bytes[0] === 0x05 ? 'å' : text[0]}${text.slice(1, 8)}`.trimEnd();
  const extension = text.slice(8).trimEnd();
  const shownBase = (flags & 0x08) === 0 ? base : base.toLowerCase();
  const shownExtension = (flags & 0x10) === 0 ? extension : extension.toLowerCase();
  return extension === '' ? shownBase : `${shownBase}.${shownExtension}`;
}

function parseTime(date: number, time: number): number {
  const milliseconds = Date.UTC(
    1980 + (date >> 9),
    ((date >> 5) & 0x0f) - 1,
    date & 0x1f,
    time >> 11,
    (time >> 5) & 0x3f,
    (time & 0x1f) * 2,
  );
  return milliseconds / 1000;
}
