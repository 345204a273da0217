import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { ToolFailedError } from '../core/errors.ts';
import type { Disk, InputRecord } from '../core/model.ts';
import { cached } from '../host/cache.ts';
import { ensureGuest, type GuestRoot, runInGuest } from '../tools/bwrap.ts';
import { LINK_FLAGS } from '../tools/clang.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { AUTOTOOLS_OPTIONS, MESON_OPTIONS } from './build-commands.ts';
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
import { fetchNativeToolchain, makeNativeRoot } from './make-native-root.ts';
import { GUEST, NATIVE_RECIPES, type NativePlan, nativeEnv } from './native-build-commands.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/** Goes up whenever a build of the same inputs should come out otherwise. */
const BUILD_RECIPE = 1;

/**
 * Compiles libqmi as on the Pi itself: by the target's own gcc, inside the base's root, every instruction emulated. Ten
 * times slower than `compileLibqmi` and more; there to compare with.
 * @throws CompileError with the end of the log, InputError for a target that has no compiler at hand
 */
export async function compileLibqmiNatively(
  context: Context,
  source: LibqmiSource,
  disk: Disk,
  sysroot: Sysroot,
  profile: TargetProfile,
): Promise<{ readonly build: LibqmiBuild; readonly inputs: readonly InputRecord[] }> {
  await ensureGuest(context);
  const toolchain = await fetchNativeToolchain(context, disk, profile);
  const options = source.buildSystem === 'meson' ? MESON_OPTIONS : AUTOTOOLS_OPTIONS;
  const plan: NativePlan = {
    cFlags: ['-O2', '-w', `-ffile-prefix-map=${GUEST.source}=.`, ...glibCap(sysroot)],
    linkFlags: LINK_FLAGS,
    jobs: availableParallelism(),
  };
  const key = sha256Text(
    JSON.stringify([
      'qemu',
      BUILD_RECIPE,
      source.record.sha256,
      sysroot.id,
      toolchain.packages.map(({ name, version, sha256 }) => [name, version, sha256]),
      [plan.cFlags, plan.linkFlags, options],
    ]),
  );
  const entry = await cached(context, 'libqmi', key, async (folder) => {
    const work = await makeWorkFolder(context.tmpDir);
    // Beside the cache, where a base's half gigabyte has room.
    const scratch = join(folder, 'scratch');
    try {
      await mkdir(scratch);
      const root = await makeNativeRoot(context, disk, toolchain, scratch);
      await build(context, source, root, profile, plan, work);
      await checkObjects(work, profile);
      await keepWanted(context, join(work, 'install'), folder, join(work, 'source'));
    } finally {
      await rm(work, { recursive: true, force: true });
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return {
    build: { path: entry.path, version: source.version, cacheHit: entry.hit },
    inputs: toolchain.inputs,
  };
}

async function build(
  context: Context,
  source: LibqmiSource,
  root: string,
  profile: TargetProfile,
  plan: NativePlan,
  work: string,
): Promise<void> {
  const log = join(work, 'build.log');
  for (const name of ['build', 'install', 'tools']) await mkdir(join(work, name));
  await cp(source.path, join(work, 'source'), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  });
  await symlink('/usr/bin/python3', join(work, 'tools/python'));
  const guest: GuestRoot = {
    root,
    folders: { '/wwanpi': work },
    cpu: profile.qemuCpu,
    env: nativeEnv(plan, SOURCE_DATE_EPOCH),
  };
  for (const { argv, cwd } of NATIVE_RECIPES[source.buildSystem](plan)) {
    await runInGuest(context.exec, guest, argv, { cwd, outputFile: log }).catch(async (error: unknown) => {
      if (!(error instanceof ToolFailedError)) throw error;
      throw await toCompileError(context, source, log, error);
    });
  }
}
