import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import type { Context } from '../context.ts';
import { type AppError, CompileError, ToolFailedError } from '../errors.ts';
import { compareVersions } from '../formats/debian-version.ts';
import { isElf, parseElf } from '../formats/elf.ts';
import { findProcessorFaults } from '../formats/elf-faults.ts';
import { glibVersionMacro } from '../formats/glib-pkg-config.ts';
import type { TargetProfile } from '../targets.ts';
import { crossClang, LINK_FLAGS, readCompilerVersions, strip } from '../tools/clang.ts';
import { baseEnv } from '../tools/exec.ts';
import { sha256Text } from '../tools/hash.ts';
import type { LibqmiSource } from './fetch-libqmi-source.ts';
import { BUILD_RECIPES, type BuildPlan } from './libqmi-build-recipes.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/** libqmi compiled for a target, as `make install` lays it out with prefix /usr and libdir /usr/lib. */
export interface LibqmiBuild {
  /** Holds usr/bin/qmicli, usr/lib/libqmi-glib.so.5, …; programs and libraries are stripped. */
  readonly path: string;
  readonly version: string;
  readonly cacheHit: boolean;
}

/** What is kept of an install; the rest is headers, .la and .pc files and API documentation. */
const KEPT = ['usr/bin', 'usr/lib', 'usr/libexec', 'usr/share/man', 'usr/share/bash-completion'];

/** Goes up whenever a build of the same inputs should come out otherwise. */
const BUILD_RECIPE = 1;

/** The build's clock for whatever embeds a date: the day of libqmi 1.16.0's release, 2016-07-07. */
const SOURCE_DATE_EPOCH = '1467849600';

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

/**
 * configure refuses a source folder with a space in its path, and pkgconf garbles one that is not ASCII: where the
 * temporary folder has such a name, the work is done in /tmp.
 */
async function makeWorkFolder(tmpDir: string): Promise<string> {
  const plain = /^[\w@%+=:,./-]+$/.test(tmpDir);
  return mkdtemp(join(plain ? tmpDir : '/tmp', 'wwanpi-libqmi-'));
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

/**
 * Every object file of this build, since the attributes of what is linked from them tell of the first alone.
 * Where a given tree was built in before, other folders (docs) may hold objects for its own machine.
 */
async function checkObjects(work: string, profile: TargetProfile): Promise<void> {
  const faults: string[] = [];
  for (const folder of ['source/src', 'build']) {
    for (const entry of await listOptional(join(work, folder))) {
      if (!entry.isFile() || !entry.name.endsWith('.o')) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(work.length + 1);
      faults.push(
        ...findProcessorFaults({ name, elf: parseElf(await readFile(path), name) }, profile.limits),
      );
    }
  }
  if (faults.length === 0) return;
  throw new CompileError(`what clang made of libqmi does not fit ${profile.name}`, {
    detail: faults.join('\n'),
  });
}

async function listOptional(folder: string) {
  return readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Newer GLib headers than the base's GLib: macros and inline functions then keep to what the base has. */
function glibCap({ glibVersion, headersVersion }: Sysroot): string[] {
  if (compareVersions(headersVersion, glibVersion) <= 0) return [];
  const version = glibVersionMacro(glibVersion);
  return [`-DGLIB_VERSION_MIN_REQUIRED=${version}`, `-DGLIB_VERSION_MAX_ALLOWED=${version}`];
}

async function keepWanted(context: Context, install: string, folder: string, source: string): Promise<void> {
  for (const path of KEPT) {
    await cp(join(install, path), join(folder, path), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: (inner) => !/\.(?:la|a|pc)$|\/(?:pkgconfig|girepository-1\.0)$/.test(inner),
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && isElf(await readFile(path))) await strip(context.exec, path);
  }
  await mkdir(join(folder, 'doc'), { recursive: true });
  for (const name of ['AUTHORS', 'COPYING', 'COPYING.LIB', 'LICENSES/GPL-2.0-or-later.txt']) {
    await cp(join(source, name), join(folder, 'doc', name.replaceAll('/', '-'))).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }
}

async function toCompileError(
  context: Context,
  source: LibqmiSource,
  log: string,
  error: AppError,
): Promise<CompileError> {
  const kept = join(context.cacheDir, 'logs', `libqmi-${source.version}.log`);
  await mkdir(join(context.cacheDir, 'logs'), { recursive: true });
  await cp(log, kept);
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  return new CompileError(`libqmi ${source.version} did not compile: ${error.message}`, {
    hint: `the whole log is ${kept}`,
    detail: lines.slice(-40).join('\n'),
    cause: error,
  });
}
