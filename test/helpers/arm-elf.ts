import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exec } from '../../src/core/exec.ts';

export const ARMV6 = ['-march=armv6', '-mfpu=vfp', '-mfloat-abi=hard', '-marm'];

/** Compiles one small ARM library or program without any C library, and returns its bytes. */
export async function compileArm(
  exec: Exec,
  folder: string,
  name: string,
  options: {
    readonly source: string;
    readonly flags?: readonly string[];
    /** Files of `folder` to link against. */
    readonly against?: readonly string[];
    /** A version script: names which symbols get which version. */
    readonly versions?: string;
    readonly soname?: string;
    readonly program?: boolean;
  },
): Promise<Uint8Array> {
  const at = (file: string) => join(folder, file);
  await writeFile(at(`${name}.c`), options.source);
  const args = [
    '--target=arm-linux-gnueabihf',
    ...(options.flags ?? ARMV6),
    '-O2',
    '-fPIC',
    '-nostdlib',
    '-fuse-ld=lld',
  ];
  if (options.program === true)
    args.push('-pie', '-Wl,--dynamic-linker=/lib/ld-linux-armhf.so.3', '-Wl,--entry=entry');
  else args.push('-shared', `-Wl,-soname,${options.soname ?? name}`);
  if (options.versions !== undefined) {
    await writeFile(at(`${name}.map`), options.versions);
    args.push(`-Wl,--version-script=${at(`${name}.map`)}`);
  }
  await exec(['clang', ...args, at(`${name}.c`), ...(options.against ?? []).map(at), '-o', at(name)]);
  return readFile(at(name));
}
