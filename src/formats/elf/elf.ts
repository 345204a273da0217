import { VerificationError } from '../../core/errors.ts';
import { type ArmAttributes, parseArmAttributes } from './elf-attributes.ts';

/** One dynamic symbol of an ELF file. */
export interface ElfSymbol {
  readonly name: string;
  readonly defined: boolean;
  readonly weak: boolean;
  /** `GLIBC_2.4`; undefined if the symbol has none. */
  readonly version: string | undefined;
  /** For an undefined versioned symbol: the library that has to provide the version, by SONAME. */
  readonly library: string | undefined;
}

/** The parts of a 32-bit little-endian ARM ELF that concern the dynamic linker and the processor. */
export interface ElfFile {
  /** `program` has an interpreter; a shared library has none. */
  readonly kind: 'program' | 'library';
  /** e_flags: 0x05000400 is EABI5, hard-float. */
  readonly flags: number;
  /** PT_INTERP: `/lib/ld-linux-armhf.so.3`. */
  readonly interpreter: string | undefined;
  readonly soname: string | undefined;
  readonly needed: readonly string[];
  /** DT_RPATH or DT_RUNPATH. */
  readonly rpath: string | undefined;
  /** Global and weak dynamic symbols. */
  readonly symbols: readonly ElfSymbol[];
  /** Versions this file defines, in order: `GLIBC_2.4`, … */
  readonly versionsDefined: readonly string[];
  /** Undefined if the file has no .ARM.attributes. */
  readonly attributes: ArmAttributes | undefined;
}

/** Numbers of the System V ABI and its ARM supplement; the names are the specification's. */
const EM_ARM = 40;
const PT_INTERP = 3;
const SHT_DYNAMIC = 6;
const SHT_DYNSYM = 11;
const SHT_ARM_ATTRIBUTES = 0x70000003;
const SHT_GNU_verdef = 0x6ffffffd;
const SHT_GNU_verneed = 0x6ffffffe;
const SHT_GNU_versym = 0x6fffffff;
const DT_NEEDED = 1;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const VER_NDX_GLOBAL = 1;

/** Whether the bytes begin like any ELF file. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/**
 * Reads a dynamically linked ARM program or library; its section headers are needed.
 * @param name used in errors only
 * @throws VerificationError when the bytes are not such a file or are inconsistent
 */
export function parseElf(bytes: Uint8Array, name = 'file'): ElfFile {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new VerificationError(`${name} is a damaged ELF file: ${error.message}`);
    }
    if (error instanceof NotArmElf) throw new VerificationError(`${name} is ${error.message}`);
    throw error;
  }
}

class NotArmElf extends Error {}

interface Section {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly link: number;
}

function read(bytes: Uint8Array): ElfFile {
  if (!isElf(bytes)) throw new NotArmElf('not an ELF file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[4] !== 1 || bytes[5] !== 1 || view.getUint16(18, true) !== EM_ARM) {
    throw new NotArmElf('an ELF file, but not a 32-bit little-endian ARM one');
  }
  const sections = readSections(bytes, view);
  const dynamic = readDynamic(sections);
  const interpreter = readInterpreter(bytes, view);
  const attributes = sections.find((section) => section.type === SHT_ARM_ATTRIBUTES);
  const needs = readVersionNeeds(sections);
  const defines = readVersionDefinitions(sections);
  return {
    kind: interpreter === undefined ? 'library' : 'program',
    flags: view.getUint32(36, true),
    interpreter,
    ...dynamic,
    symbols: readSymbols(sections, needs, defines),
    versionsDefined: [...defines.values()],
    attributes: attributes === undefined ? undefined : parseArmAttributes(attributes.bytes),
  };
}

function readSections(bytes: Uint8Array, view: DataView): Section[] {
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

function readInterpreter(bytes: Uint8Array, view: DataView): string | undefined {
  const offset = view.getUint32(28, true);
  const entrySize = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  for (let index = 0; index < count; index++) {
    const at = offset + index * entrySize;
    if (view.getUint32(at, true) !== PT_INTERP) continue;
    return stringAt(slice(bytes, view.getUint32(at + 4, true), view.getUint32(at + 16, true)), 0);
  }
  return undefined;
}

function readDynamic(sections: readonly Section[]): Pick<ElfFile, 'soname' | 'needed' | 'rpath'> {
  const needed: string[] = [];
  let soname: string | undefined;
  let rpath: string | undefined;
  const section = sections.find((candidate) => candidate.type === SHT_DYNAMIC);
  if (section === undefined) return { needed, soname, rpath };
  const strings = getStrings(sections, section);
  const view = getView(section.bytes);
  for (let at = 0; at + 8 <= section.bytes.length; at += 8) {
    const tag = view.getUint32(at, true);
    const value = view.getUint32(at + 4, true);
    if (tag === 0) break; // DT_NULL
    if (tag === DT_NEEDED) needed.push(stringAt(strings, value));
    if (tag === DT_SONAME) soname = stringAt(strings, value);
    if (tag === DT_RPATH || tag === DT_RUNPATH) rpath = stringAt(strings, value);
  }
  return { needed, soname, rpath };
}

function readSymbols(
  sections: readonly Section[],
  needs: ReadonlyMap<number, { version: string; library: string }>,
  defines: ReadonlyMap<number, string>,
): ElfSymbol[] {
  const table = sections.find((section) => section.type === SHT_DYNSYM);
  if (table === undefined) return [];
  const strings = getStrings(sections, table);
  const view = getView(table.bytes);
  const versions = sections.find((section) => section.type === SHT_GNU_versym)?.bytes;
  const symbols: ElfSymbol[] = [];
  for (let index = 1; (index + 1) * 16 <= table.bytes.length; index++) {
    const at = index * 16;
    const binding = view.getUint8(at + 12) >> 4;
    if (binding === 0) continue; // STB_LOCAL
    const defined = view.getUint16(at + 14, true) !== 0; // SHN_UNDEF
    const versionIndex =
      versions === undefined ? VER_NDX_GLOBAL : getView(versions).getUint16(index * 2, true) & 0x7fff;
    const need = defined ? undefined : needs.get(versionIndex);
    symbols.push({
      name: stringAt(strings, view.getUint32(at, true)),
      defined,
      weak: binding === 2,
      version: defined ? defines.get(versionIndex) : need?.version,
      library: need?.library,
    });
  }
  return symbols;
}

/** .gnu.version_r: version index → required version and its library (LSB Core, 10.7.4). */
function readVersionNeeds(sections: readonly Section[]): Map<number, { version: string; library: string }> {
  const needs = new Map<number, { version: string; library: string }>();
  const section = sections.find((candidate) => candidate.type === SHT_GNU_verneed);
  if (section === undefined) return needs;
  const strings = getStrings(sections, section);
  const view = getView(section.bytes);
  for (const at of chain(view, 0, 12)) {
    const library = stringAt(strings, view.getUint32(at + 4, true));
    for (const aux of chain(view, at + view.getUint32(at + 8, true), 12)) {
      needs.set(view.getUint16(aux + 6, true) & 0x7fff, {
        version: stringAt(strings, view.getUint32(aux + 8, true)),
        library,
      });
    }
  }
  return needs;
}

/** .gnu.version_d: version index → name; the first is the library's own name, not a version (LSB Core, 10.7.3). */
function readVersionDefinitions(sections: readonly Section[]): Map<number, string> {
  const defines = new Map<number, string>();
  const section = sections.find((candidate) => candidate.type === SHT_GNU_verdef);
  if (section === undefined) return defines;
  const strings = getStrings(sections, section);
  const view = getView(section.bytes);
  for (const at of chain(view, 0, 16)) {
    const isBase = (view.getUint16(at + 2, true) & 1) !== 0; // VER_FLG_BASE
    const aux = at + view.getUint32(at + 12, true);
    if (!isBase)
      defines.set(view.getUint16(at + 4, true) & 0x7fff, stringAt(strings, view.getUint32(aux, true)));
  }
  return defines;
}

/** The offsets of a list. Each entry has the distance to the next one, or 0, at `nextAt`. Always ends. */
function* chain(view: DataView, start: number, nextAt: number): Generator<number> {
  let at = start;
  for (;;) {
    const distance = view.getUint32(at + nextAt, true);
    yield at;
    if (distance === 0) return;
    at += distance;
  }
}

function getStrings(sections: readonly Section[], section: Section): Uint8Array {
  const strings = sections[section.link];
  if (strings === undefined) throw new RangeError('a section names a string table that does not exist');
  return strings.bytes;
}

function stringAt(strings: Uint8Array, offset: number): string {
  const end = strings.indexOf(0, offset);
  if (offset >= strings.length || end === -1) throw new RangeError('a name lies outside its string table');
  return Buffer.from(strings.subarray(offset, end)).toString('latin1');
}

function slice(bytes: Uint8Array, offset: number, size: number): Uint8Array {
  if (offset + size > bytes.length) throw new RangeError('a part of it lies beyond its end');
  return bytes.subarray(offset, offset + size);
}

function getView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
