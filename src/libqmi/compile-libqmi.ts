import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { ToolFailedError } from '../core/errors.ts';
import { cached } from '../host/cache.ts';
import type { LibqmiBuilder } from '../recipe/build-request.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { followBuild } from './build-progress.ts';
import { prepareClang } from './clang-toolchain.ts';
import type { LibqmiSource } from './fetch-libqmi-source.ts';
import {
  checkObjects,
  collectInstalledFiles,
  type LibqmiBuild,
  makeWorkFolder,
  toCompileError,
} from './libqmi-install.ts';
import { prepareNativeToolchain } from './native-toolchain.ts';
import type { CompileInputs, Toolchain } from './toolchain.ts';

/**
 * Compiles libqmi, or takes an earlier build of the same source, sysroot, flags and compiler from the cache.
 * @throws CompileError with the end of the log and the name of the log file
 */
export async function compileLibqmi(
  context: Context,
  inputs: CompileInputs,
  builder: LibqmiBuilder,
): Promise<LibqmiBuild> {
  const done = context.report.step('libqmi compile');
  const { source, target } = inputs;
  const prepare = builder === 'qemu' ? prepareNativeToolchain : prepareClang;
  const toolchain = await prepare(context, inputs);
  const key = sha256Text(JSON.stringify(toolchain.key));
  const entry = await cached(context, 'libqmi', key, async (folder) => {
    const work = await makeWorkFolder(context.tmpDir);
    try {
      await copySource(source, work);
      // On the disk of the cache, which has room for half a gigabyte of base.
      await runBuild(context, source, toolchain, work, {
        scratch: join(folder, 'scratch'),
        onLine: followBuild(done),
      });
      await checkObjects(work, target);
      await collectInstalledFiles(context, join(work, 'install'), folder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  done(`${target.limits.name}${toolchain.label}${entry.hit ? ', cached' : ''}`);
  return { path: entry.path, version: source.version, cacheHit: entry.hit, inputs: toolchain.inputs };
}

/** Makes the layout that `Toolchain.open` expects. */
async function copySource(source: LibqmiSource, work: string): Promise<void> {
  for (const name of ['build', 'install', 'tools']) await mkdir(join(work, name));
  await cp(source.path, join(work, 'source'), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  });
  // libqmi's code generator runs `python`, which Debian no longer has since 11.
  await symlink('/usr/bin/python3', join(work, 'tools/python'));
}

async function runBuild(
  context: Context,
  source: LibqmiSource,
  toolchain: Toolchain,
  work: string,
  { scratch, onLine }: { readonly scratch: string; readonly onLine: (line: string) => void },
): Promise<void> {
  // Outside the work folder, where foreign code could replace it with a symlink.
  const log = join(scratch, 'build.log');
  try {
    await mkdir(scratch);
    const { commands, run } = await toolchain.open(work, scratch);
    for (const command of commands) {
      await run(command, log, onLine).catch(async (error: unknown) => {
        if (!(error instanceof ToolFailedError)) throw error;
        throw await toCompileError(context, source, log, error);
      });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
