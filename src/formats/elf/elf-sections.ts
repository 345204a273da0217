/** The sections of an ELF file and its string tables. Each function throws RangeError for invalid data. */

/** One section. */
export interface Section {
  /** sh_type. */
  readonly type: number;
  readonly bytes: Uint8Array;
  /** sh_link: for a table, the index of its string table. */
  readonly link: number;
}

/** Reads one zero-terminated name of a string table. */
export type NameReader = (strings: Uint8Array, offset: number) => string;

/** C++ libraries have names of some hundred bytes. */
const MAX_NAME_BYTES = 4096;
/** All names of one file. Names may share bytes, so the size of the string table is no limit. */
const MAX_NAMES_BYTES = 64 * 1024 * 1024;

/** Makes a reader for one file. It refuses a name that is too long, and names that are too long together. */
export function createNameReader(): NameReader {
  let left = MAX_NAMES_BYTES;
  return (strings, offset) => {
    if (offset >= strings.length) throw new RangeError('a name lies outside its string table');
    const longest = strings.subarray(offset, offset + MAX_NAME_BYTES + 1);
    const length = longest.indexOf(0);
    if (length === -1 && longest.length > MAX_NAME_BYTES) throw new RangeError('a name is too long');
    if (length === -1) throw new RangeError('a name lies outside its string table');
    left -= length;
    if (left < 0) throw new RangeError('its names are too long together');
    return Buffer.from(longest.subarray(0, length)).toString('latin1');
  };
}

/** All sections, by index. */
export function readSections(bytes: Uint8Array, view: DataView): Section[] {
  const offset = view.getUint32(32, true);
  const entrySize = view.getUint16(46, true);
  const count = view.getUint16(48, true);
  if (count > 0 && entrySize < 40) throw new RangeError('its section headers are too short');
  return Array.from({ length: count }, (_, index) => {
    const at = offset + index * entrySize;
    const type = view.getUint32(at + 4, true);
    // SHT_NOBITS (.bss) has a size but no bytes in the file.
    const sizeBytes = type === 8 ? 0 : view.getUint32(at + 20, true);
    return {
      type,
      bytes: slice(bytes, view.getUint32(at + 16, true), sizeBytes),
      link: view.getUint32(at + 24, true),
    };
  });
}

/** The string table of a section. */
export function getStrings(sections: readonly Section[], section: Section): Uint8Array {
  const strings = sections[section.link];
  if (strings === undefined) throw new RangeError('a section names a string table that does not exist');
  return strings.bytes;
}

/** A part of a file, not copied. */
export function slice(bytes: Uint8Array, offset: number, size: number): Uint8Array {
  if (offset + size > bytes.length) throw new RangeError('a part of it lies beyond its end');
  return bytes.subarray(offset, offset + size);
}

/** The numbers in these bytes. */
export function getView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
