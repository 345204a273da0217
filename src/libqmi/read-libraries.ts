import { InputError } from '../core/errors.ts';
import { type ElfFile, parseElf } from '../formats/elf/elf.ts';

/** A shared library of a base. */
export interface BaseLibrary {
  readonly bytes: Uint8Array;
  readonly elf: ElfFile;
}

/**
 * Reads libraries and, through them, all that they need.
 * @param names SONAMEs to begin with
 * @param read one library by its SONAME; undefined if there is none, which is not an error here
 * @param most libraries at most
 * @throws InputError for more libraries, VerificationError for a file that is not an ARM ELF; errors of `read`
 */
export async function readLibraries(
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array | undefined>,
  most = Number.POSITIVE_INFINITY,
): Promise<Map<string, BaseLibrary>> {
  const libraries = new Map<string, BaseLibrary>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    // The dynamic linker treats a SONAME with a slash as a path; such a library counts as missing.
    if (libraries.has(name) || name.includes('/')) continue;
    const bytes = await read(name);
    if (bytes === undefined) continue;
    if (libraries.size >= most) throw new InputError('GLib in the base image needs too many libraries');
    const elf = parseElf(bytes, `the base's ${name}`);
    libraries.set(name, { bytes, elf });
    queue.push(...elf.needed);
  }
  return libraries;
}
