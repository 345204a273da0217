import type { ElfFile, ElfSymbol } from './elf.ts';
import { cpuArchName, fpArchName } from './elf-attributes.ts';

/** A program or library, and its name in messages. */
export interface ElfLibrary {
  readonly name: string;
  readonly elf: ElfFile;
}

/** The most that a target's processor can run; values of the ARM build attributes (elf-attributes.ts). */
export interface ElfLimits {
  /** In messages: "ARMv6 with VFPv2". */
  readonly name: string;
  readonly cpuArchs: readonly number[];
  readonly fpArchs: readonly number[];
  readonly thumb2: boolean;
}

const EF_ARM_ABI_FLOAT_HARD = 0x400;
const INTERPRETER = '/lib/ld-linux-armhf.so.3';
const THUMB_2 = 2;

/**
 * Every reason why these files would not run on a base, one sentence each; empty if they will run.
 * @param files the files for the image; they may need each other
 * @param base the base's libraries by SONAME, with all libraries that those need
 */
export function findElfErrors(
  files: readonly ElfLibrary[],
  base: ReadonlyMap<string, ElfLibrary>,
  limits: ElfLimits,
): string[] {
  const own = new Map(
    files.flatMap((file) => (file.elf.soname === undefined ? [] : [[file.elf.soname, file] as const])),
  );
  const libraries = new Map([...base, ...own]);
  return files.flatMap((file) => [
    ...findProcessorErrors(file, limits),
    ...findLoaderErrors(file, libraries),
    ...findSymbolErrors(file, libraries),
  ]);
}

/**
 * The build attributes of one file that exceed the target. Object files are checked too: lld (14) gives a program
 * or library only the attributes of the first object.
 */
export function findProcessorErrors({ name, elf }: ElfLibrary, limits: ElfLimits): string[] {
  const faults: string[] = [];
  if (elf.attributes === undefined) return [`${name}: has no ARM build attributes to check`];
  const { cpuArch, thumbIsaUse, fpArch, advancedSimdArch } = elf.attributes;
  if (!limits.cpuArchs.includes(cpuArch)) {
    faults.push(`${name}: built for ARM${cpuArchName(cpuArch)}, the target has ${limits.name}`);
  }
  if (!limits.thumb2 && thumbIsaUse === THUMB_2) {
    faults.push(`${name}: uses Thumb-2, the target has ${limits.name}`);
  }
  if (!limits.fpArchs.includes(fpArch)) {
    faults.push(`${name}: uses ${fpArchName(fpArch)}, the target has ${limits.name}`);
  }
  if (advancedSimdArch !== 0) faults.push(`${name}: uses NEON, the target has ${limits.name}`);
  return faults;
}

function findLoaderErrors({ name, elf }: ElfLibrary, libraries: ReadonlyMap<string, ElfLibrary>): string[] {
  const faults: string[] = [];
  if ((elf.flags & EF_ARM_ABI_FLOAT_HARD) === 0) faults.push(`${name}: not built for the hard-float ABI`);
  if (elf.interpreter !== undefined && elf.interpreter !== INTERPRETER) {
    faults.push(`${name}: wants the dynamic linker ${elf.interpreter}, an armhf system has ${INTERPRETER}`);
  }
  if (elf.rpath !== undefined) faults.push(`${name}: has a run path (${elf.rpath})`);
  for (const needed of elf.needed) {
    if (!libraries.has(needed)) faults.push(`${name}: needs ${needed}, which the base has not`);
  }
  return faults;
}

function findSymbolErrors({ name, elf }: ElfLibrary, libraries: ReadonlyMap<string, ElfLibrary>): string[] {
  const scope = closure(elf, libraries);
  const complete = elf.needed.every((needed) => libraries.has(needed));
  const exported = new Set(scope.flatMap((library) => getExports(library.elf)));
  const faults: string[] = [];
  const reported = new Set<string>();
  for (const symbol of elf.symbols) {
    if (symbol.defined) continue;
    const library = symbol.library === undefined ? undefined : libraries.get(symbol.library)?.elf;
    if (library !== undefined && symbol.version !== undefined) {
      // The dynamic linker refuses a missing version even for a weak symbol.
      if (!library.versionsDefined.includes(symbol.version)) {
        const fault = `${name}: needs ${symbol.version} of ${symbol.library}${ceiling(library, symbol.version)}`;
        if (!reported.has(fault)) faults.push(fault);
        reported.add(fault);
        continue;
      }
    }
    // The symbols of a missing library are not reported one by one.
    const excused = symbol.library === undefined ? !complete : library === undefined;
    if (symbol.weak || excused || exported.has(getKey(symbol))) continue;
    faults.push(`${name}: uses ${getKey(symbol)}, which no library of the base or the package has`);
  }
  return faults;
}

/** All libraries that the dynamic linker would load for a file, and the file itself. */
function closure(elf: ElfFile, libraries: ReadonlyMap<string, ElfLibrary>): ElfLibrary[] {
  const found = new Map<string, ElfLibrary>();
  const queue = [...elf.needed];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const library = libraries.get(name);
    if (library === undefined || found.has(name)) continue;
    found.set(name, library);
    queue.push(...library.elf.needed);
  }
  return [{ name: '', elf }, ...found.values()];
}

function getExports(elf: ElfFile): string[] {
  return elf.symbols.flatMap((symbol) => (symbol.defined ? [symbol.name, getKey(symbol)] : []));
}

function getKey({ name, version }: ElfSymbol): string {
  return version === undefined ? name : `${name}@${version}`;
}

/** ", the base goes up to GLIBC_2.24", if the library has versions numbered like the required one. */
function ceiling(library: ElfFile, version: string): string {
  const family = /^[A-Z]+_(?=\d)/.exec(version)?.[0];
  const newest = library.versionsDefined
    .filter((defined) => family !== undefined && defined.startsWith(family) && /_\d/.test(defined))
    .at(-1);
  return newest === undefined ? ', which the base has not' : `, the base goes up to ${newest}`;
}
