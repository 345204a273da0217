import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { ToolFailedError } from '../core/errors.ts';
import { cached } from '../host/cache.ts';
import { crossClang, LINK_FLAGS, readCompilerVersions } from '../tools/clang.ts';
import { baseEnv } from '../tools/exec.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { BUILD_RECIPES, type BuildPlan } from './build-commands.ts';
import type { LibqmiSource } from './fetch-libqmi-source.ts';
import {
  checkObjects,
  glibCap,
  keepWanted,
  type LibqmiBuild,
  makeWorkFolder,
  SOURCE_DATE_EPOCH,
  toCompileError,
} from './libqmi-install.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/** Goes up whenever a build of the same inputs should come out otherwise. */
const BUILD_RECIPE = 1;

/**
 * Cross-compiles libqmi, or takes an earlier build of the same source, sysroot, flags and compiler.
 * @throws CompileError with the end of the log, naming the file that has all of it
 */
export async function compileLibqmi(
  context: Context,
  source: LibqmiSource,
  sysroot: Sysroot,
  profile: TargetProfile,
): Promise<LibqmiBuild> {
  const compilers = await readCompilerVersions(context.exec);
  const recipe = BUILD_RECIPES[source.buildSystem];
  const key = sha256Text(
    JSON.stringify([
      BUILD_RECIPE,
      source.record.sha256,
      sysroot.id,
      profile.clangFlags,
      LINK_FLAGS,
      recipe.options,
      compilers,
    ]),
  );
  const entry = await cached(context, 'libqmi', key, async (folder) => {
    const work = await makeWorkFolder(context.tmpDir);
    try {
      await build(context, source, sysroot, profile, work);
      await checkObjects(work, profile);
      await keepWanted(context, join(work, 'install'), folder, join(work, 'source'));
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return { path: entry.path, version: source.version, cacheHit: entry.hit };
}

async function build(
  context: Context,
  source: LibqmiSource,
  sysroot: Sysroot,
  profile: TargetProfile,
  work: string,
): Promise<void> {
  const log = join(work, 'build.log');
  // By a name of ours, since that of the cache is the user's (see makeWorkFolder).
  const sysrootPath = join(work, 'sysroot');
  await symlink(sysroot.path, sysrootPath);
  const plan: BuildPlan = {
    sourceFolder: join(work, 'source'),
    buildFolder: join(work, 'build'),
    installFolder: join(work, 'install'),
    toolsFolder: join(work, 'tools'),
    sysroot: sysrootPath,
    pkgConfigFolder: join(sysrootPath, 'usr/lib', profile.triplet, 'pkgconfig'),
    triplet: profile.triplet,
    clang: crossClang(profile.clangFlags, sysrootPath, join(work, 'source')),
    cFlags: ['-O2', '-w', ...glibCap(sysroot)],
    linkFlags: LINK_FLAGS,
    jobs: availableParallelism(),
  };
  await mkdir(plan.toolsFolder, { recursive: true });
  await cp(source.path, plan.sourceFolder, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  });
  // libqmi's code generator asks for `python`, which Debian has not had since 11.
  await symlink('/usr/bin/python3', join(plan.toolsFolder, 'python'));
  const env = {
    PATH: `${plan.toolsFolder}:${baseEnv().PATH ?? ''}`,
    PKG_CONFIG_SYSROOT_DIR: sysrootPath,
    PKG_CONFIG_LIBDIR: plan.pkgConfigFolder,
    SOURCE_DATE_EPOCH,
    PYTHONDONTWRITEBYTECODE: '1',
    // Byte-code of the generator differs with the host's Python; nothing of it is kept, but hashing is by seed.
    PYTHONHASHSEED: '0',
  };
  const recipe = BUILD_RECIPES[source.buildSystem];
  for (const file of recipe.files(plan)) {
    await writeFile(join(plan.toolsFolder, file.name), file.text, { mode: 0o755 });
  }
  for (const { argv, cwd } of recipe.commands(plan)) {
    await mkdir(cwd, { recursive: true });
    await context.exec(argv, { cwd, env, outputFile: log }).catch(async (error: unknown) => {
      if (!(error instanceof ToolFailedError)) throw error;
      throw await toCompileError(context, source, log, error);
    });
  }
}
