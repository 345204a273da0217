import { VerificationError } from '../../core/errors.ts';
import { type ArmAttributes, parseArmAttributes } from './elf-attributes.ts';
import {
  createNameReader,
  getStrings,
  getView,
  type NameReader,
  readSections,
  type Section,
  slice,
} from './elf-sections.ts';
import { readVersionDefinitions, readVersionNeeds, type VersionNeed } from './elf-versions.ts';

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
const SHT_GNU_versym = 0x6fffffff;
const DT_NEEDED = 1;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const VER_NDX_GLOBAL = 1;

/** No valid library has as many; LLVM's has 40,000 symbols. */
const MAX_SYMBOLS = 500_000;
const MAX_NEEDED = 1000;

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

function read(bytes: Uint8Array): ElfFile {
  if (!isElf(bytes)) throw new NotArmElf('not an ELF file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[4] !== 1 || bytes[5] !== 1 || view.getUint16(18, true) !== EM_ARM) {
    throw new NotArmElf('an ELF file, but not a 32-bit little-endian ARM one');
  }
  const sections = readSections(bytes, view);
  const readName = createNameReader();
  const dynamic = readDynamic(sections, readName);
  const interpreter = readInterpreter(bytes, view, readName);
  const attributes = sections.find((section) => section.type === SHT_ARM_ATTRIBUTES);
  const needs = readVersionNeeds(sections, readName);
  const defines = readVersionDefinitions(sections, readName);
  return {
    kind: interpreter === undefined ? 'library' : 'program',
    flags: view.getUint32(36, true),
    interpreter,
    ...dynamic,
    symbols: readSymbols(sections, needs, defines, readName),
    versionsDefined: [...defines.values()],
    attributes: attributes === undefined ? undefined : parseArmAttributes(attributes.bytes),
  };
}

function readInterpreter(bytes: Uint8Array, view: DataView, readName: NameReader): string | undefined {
  const offset = view.getUint32(28, true);
  const entrySize = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  for (let index = 0; index < count; index++) {
    const at = offset + index * entrySize;
    if (view.getUint32(at, true) !== PT_INTERP) continue;
    return readName(slice(bytes, view.getUint32(at + 4, true), view.getUint32(at + 16, true)), 0);
  }
  return undefined;
}

function readDynamic(
  sections: readonly Section[],
  readName: NameReader,
): Pick<ElfFile, 'soname' | 'needed' | 'rpath'> {
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
    if (tag === DT_NEEDED && needed.push(readName(strings, value)) > MAX_NEEDED) {
      throw new RangeError('it needs too many libraries');
    }
    if (tag === DT_SONAME) soname = readName(strings, value);
    if (tag === DT_RPATH || tag === DT_RUNPATH) rpath = readName(strings, value);
  }
  return { needed, soname, rpath };
}

function readSymbols(
  sections: readonly Section[],
  needs: ReadonlyMap<number, VersionNeed>,
  defines: ReadonlyMap<number, string>,
  readName: NameReader,
): ElfSymbol[] {
  const table = sections.find((section) => section.type === SHT_DYNSYM);
  if (table === undefined) return [];
  const strings = getStrings(sections, table);
  const view = getView(table.bytes);
  const versions = sections.find((section) => section.type === SHT_GNU_versym)?.bytes;
  if (table.bytes.length / 16 > MAX_SYMBOLS) throw new RangeError('it has too many symbols');
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
      name: readName(strings, view.getUint32(at, true)),
      defined,
      weak: binding === 2,
      version: defined ? defines.get(versionIndex) : need?.version,
      library: need?.library,
    });
  }
  return symbols;
}
