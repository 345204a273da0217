import type { Exec } from '../core/exec.ts';

/** The first lines of `clang --version` and `ld.lld --version`. The versions and the flags determine the output. */
export async function readCompilerVersions(exec: Exec): Promise<string[]> {
  const versions: string[] = [];
  for (const program of ['clang', 'ld.lld', 'llvm-strip']) {
    const { stdout } = await exec([program, '--version']);
    versions.push(stdout.split('\n').find((line) => /\d/.test(line)) ?? '');
  }
  return versions;
}

/** The compiler as an argv: a cross clang that links with lld against the sysroot's own C library and libgcc. */
export function crossClang(flags: readonly string[], sysroot: string, sourceFolder: string): string[] {
  return [
    'clang',
    ...flags,
    `--sysroot=${sysroot}`,
    '-fuse-ld=lld',
    // Keeps paths of this machine out of the output (__FILE__).
    `-ffile-prefix-map=${sourceFolder}=.`,
    `-ffile-prefix-map=${sysroot}=`,
    '-Wno-unused-command-line-argument',
  ];
}

/** Linker flags of everything that goes into an image. */
export const LINK_FLAGS: readonly string[] = [
  '-Wl,--as-needed',
  '-Wl,--no-undefined',
  '-Wl,--build-id=none',
  '-Wl,-z,relro,-z,now',
];

/** Strips everything from a library or program that the dynamic linker does not need. */
export async function strip(exec: Exec, path: string): Promise<void> {
  await exec(['llvm-strip', '--strip-unneeded', path]);
}
