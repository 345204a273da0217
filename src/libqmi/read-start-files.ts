import { InputError, VerificationError } from '../core/errors.ts';
import { isElf } from '../formats/elf/elf.ts';
import { type ImageTree, listFolder } from '../image/image-tree.ts';

/** libgcc.a, the largest of them, has 4 MB. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_COMPILERS = 20;

/** Files of the C library, in the folder of its libraries. */
const C_LIBRARY = [
  ...['crt1.o', 'Scrt1.o', 'crti.o', 'crtn.o'],
  ...['libc_nonshared.a', 'libpthread_nonshared.a'],
];

/** Files of gcc, which clang looks for in a folder with gcc's version as its name. */
const COMPILER = ['crtbegin.o', 'crtbeginS.o', 'crtend.o', 'crtendS.o', 'libgcc.a', 'libgcc_eh.a'];

/**
 * Reads the start files and static libraries that every program is linked with, for bases that cannot use Debian's ARMv7
 * ones. Keys are paths in the root, such as `usr/lib/arm-linux-gnueabihf/crt1.o`.
 * @throws VerificationError for a file that is not machine code: a linker treats text as a script, and a thin archive as a
 *   list of other files
 */
export async function readStartFiles(tree: ImageTree, triplet: string): Promise<Map<string, Uint8Array>> {
  const compilers = `/usr/lib/gcc/${triplet}`;
  const names = await listFolder(tree, compilers);
  const versions = names.filter((name) => /^\d{1,3}(?:\.\d{1,3}){0,2}$/.test(name));
  if (versions.length > MAX_COMPILERS)
    throw new InputError(`${compilers} in the base has too many compilers`);
  const wanted = [
    ...C_LIBRARY.map((name) => `/usr/lib/${triplet}/${name}`),
    ...versions.flatMap((version) => COMPILER.map((name) => `${compilers}/${version}/${name}`)),
  ];
  const files = new Map<string, Uint8Array>();
  for (const path of wanted) {
    const found = await tree.locate(path, 'follow');
    if (found.node?.kind !== 'file') continue;
    const bytes = await found.node.read(MAX_BYTES);
    if (!(path.endsWith('.a') ? isArchive(bytes) : isElf(bytes))) {
      throw new VerificationError(
        `the base's ${path} is not an ${path.endsWith('.a') ? 'archive' : 'object file'}`,
      );
    }
    files.set(path.slice(1), bytes);
  }
  return files;
}

/** ar(5). A thin archive begins with `!<thin>`. */
function isArchive(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString('latin1') === '!<arch>\n';
}
