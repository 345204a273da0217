import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { CompileError, ToolFailedError } from '../core/errors.ts';
import { isElf, parseElf } from '../formats/elf/elf.ts';
import { type ElfLibrary, findElfErrors } from '../formats/elf/elf-faults.ts';
import { runArm } from '../tools/qemu-user.ts';
import type { LibqmiBuild } from './libqmi-install.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/**
 * Checks everything compiled that goes into an image: processor, calling convention, libraries, and symbol versions
 * against the base's libraries. Then runs `qmicli --version` on an emulated processor of the oldest machine.
 * @throws CompileError listing every mistake
 */
export async function checkElf(
  context: Context,
  build: LibqmiBuild,
  sysroot: Sysroot,
  profile: TargetProfile,
): Promise<void> {
  const done = context.report.step('libqmi check');
  const files = await readElfFiles(build.path);
  const base = await readBaseLibraries(sysroot, profile, files);
  const faults = findElfErrors(files, base, profile.limits);
  if (faults.length > 0) {
    throw new CompileError(`the compiled libqmi does not fit ${profile.name}`, { detail: faults.join('\n') });
  }
  const qmicliVersion = await runQmicli(context, build, sysroot, profile);
  done(`${files.length} ELF files fit; ${qmicliVersion} runs on ${profile.qemuCpu}`);
}

async function readElfFiles(folder: string): Promise<ElfLibrary[]> {
  const files: ElfLibrary[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const name = relative(folder, path);
    if (isElf(bytes)) files.push({ name, elf: parseElf(bytes, name) });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Reads the base's libraries that these files need, directly or not, by SONAME. */
async function readBaseLibraries(
  sysroot: Sysroot,
  profile: TargetProfile,
  files: readonly ElfLibrary[],
): Promise<Map<string, ElfLibrary>> {
  const libraries = new Map<string, ElfLibrary>();
  const queue = files.flatMap(({ elf }) => elf.needed);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    // The dynamic linker treats a SONAME with a slash as a path; such a library counts as missing.
    if (libraries.has(name) || name.includes('/')) continue;
    const bytes = await readFile(join(sysroot.path, 'usr/lib', profile.triplet, name)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      },
    );
    if (bytes === undefined) continue;
    const elf = parseElf(bytes, `the base's ${name}`);
    libraries.set(name, { name, elf });
    queue.push(...elf.needed);
  }
  return libraries;
}

async function runQmicli(
  context: Context,
  build: LibqmiBuild,
  sysroot: Sysroot,
  profile: TargetProfile,
): Promise<string> {
  const options = {
    cpu: profile.qemuCpu,
    root: sysroot.path,
    libraryFolder: join(build.path, 'usr/lib'),
  };
  const { stdout } = await runArm(context.exec, options, [
    join(build.path, 'usr/bin/qmicli'),
    '--version',
  ]).catch((cause: unknown) => {
    if (!(cause instanceof ToolFailedError)) throw cause;
    throw new CompileError(`the compiled qmicli does not run on an emulated ${profile.qemuCpu}`, {
      cause,
      ...(cause.detail === undefined ? {} : { detail: `${cause.message}\n${cause.detail}` }),
    });
  });
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
