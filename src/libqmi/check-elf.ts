import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { CompileError, ToolFailedError } from '../core/errors.ts';
import type { Exec } from '../core/exec.ts';
import { isElf, parseElf } from '../formats/elf/elf.ts';
import { type ElfLibrary, findElfErrors } from '../formats/elf/elf-faults.ts';
import { explainNoSandbox, runInSandbox } from '../tools/bwrap.ts';
import { listBelow } from '../tools/files/read-below.ts';
import { type ArmOptions, runArm } from '../tools/qemu-user.ts';
import type { LibqmiBuild } from './libqmi-install.ts';
import type { Sysroot } from './prepare-sysroot.ts';
import { readLibraries } from './read-libraries.ts';

/**
 * Checks everything compiled that goes into an image: processor, calling convention, libraries, and symbol versions
 * against the base's libraries. Then runs `qmicli --version` on an emulated processor of the oldest machine.
 * @param origin of the base; code of a `foreign` base runs only in a sandbox
 * @throws CompileError listing every mistake
 */
export async function checkElf(
  context: Context,
  build: LibqmiBuild,
  sysroot: Sysroot,
  profile: TargetProfile,
  origin: 'known' | 'foreign',
): Promise<void> {
  const done = context.report.step('libqmi check');
  const files = await readElfFiles(build.path);
  const base = await readNeeded(sysroot, profile, files);
  const faults = findElfErrors(files, base, profile.limits);
  if (faults.length > 0) {
    throw new CompileError(`the compiled libqmi does not fit ${profile.name}`, { detail: faults.join('\n') });
  }
  const noSandbox = await explainNoSandbox(context.exec, ['qemu-arm-static']);
  if (noSandbox !== undefined && origin === 'foreign') {
    context.report.warn(
      `the compiled qmicli is not tested: a foreign base's code needs a sandbox, and ${noSandbox}`,
    );
    return done(`${files.length} ELF files fit`);
  }
  // qemu-user passes system calls to the host, so outside a sandbox the base's libraries have the user's rights.
  const readable = { [build.path]: build.path, [sysroot.path]: sysroot.path };
  const inSandbox: Exec = (argv, options = {}) =>
    runInSandbox(context.exec, { readable, env: {} }, argv, { ...options, cwd: '/' });
  const exec = noSandbox === undefined ? inSandbox : context.exec;
  const qmicliVersion = await runQmicli(exec, build, sysroot, profile);
  done(`${files.length} ELF files fit; ${qmicliVersion} runs on ${profile.qemuCpu}`);
}

async function readElfFiles(folder: string): Promise<ElfLibrary[]> {
  const files: ElfLibrary[] = [];
  for (const { path, kind, read } of await listBelow(folder)) {
    const bytes = kind === 'file' ? await read() : undefined;
    if (bytes !== undefined && isElf(bytes)) files.push({ name: path, elf: parseElf(bytes, path) });
  }
  return files;
}

/** Reads the sysroot's libraries that these files need, directly or not, by SONAME. */
async function readNeeded(
  sysroot: Sysroot,
  profile: TargetProfile,
  files: readonly ElfLibrary[],
): Promise<Map<string, ElfLibrary>> {
  const libraries = await readLibraries(
    files.flatMap(({ elf }) => elf.needed),
    (name) =>
      readFile(join(sysroot.path, 'usr/lib', profile.triplet, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
  );
  return new Map([...libraries].map(([name, { elf }]) => [name, { name, elf }]));
}

async function runQmicli(
  exec: Exec,
  build: LibqmiBuild,
  sysroot: Sysroot,
  profile: TargetProfile,
): Promise<string> {
  const options: ArmOptions = {
    cpu: profile.qemuCpu,
    root: sysroot.path,
    libraryFolder: join(build.path, 'usr/lib'),
  };
  const { stdout } = await runArm(exec, options, [join(build.path, 'usr/bin/qmicli'), '--version']).catch(
    (cause: unknown) => {
      if (!(cause instanceof ToolFailedError)) throw cause;
      throw new CompileError(`the compiled qmicli does not run on an emulated ${profile.qemuCpu}`, {
        cause,
        ...(cause.detail === undefined ? {} : { detail: `${cause.message}\n${cause.detail}` }),
      });
    },
  );
  const version = /^qmicli (\S+)$/m.exec(stdout)?.[1];
  if (version !== build.version) {
    throw new CompileError(
      `the compiled qmicli reports the version ${version ?? '(none)'}, not ${build.version}`,
      {
        detail: stdout,
      },
    );
  }
  return `qmicli ${version}`;
}
