import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { BugError, InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { withImageTree } from '../image/image-tree.ts';
import { type GuestRoot, runInGuest } from '../tools/bwrap.ts';
import { LINK_FLAGS } from '../tools/clang.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { addGlibHeaders, addGlibMkenums } from './add-glib-headers.ts';
import { BUILD_RECIPES } from './build-commands.ts';
import { glibVersionDefines, SOURCE_DATE_EPOCH } from './libqmi-install.ts';
import { fetchNativePackages, makeNativeRoot } from './make-native-root.ts';
import { GUEST, NATIVE_RECIPES, type NativePlan, nativeEnv } from './native-build-commands.ts';
import type { CompileInputs, Toolchain } from './toolchain.ts';

/** Part of the cache key; increased when the same inputs should give another build. */
const BUILD_RECIPE = 1;

/**
 * Prepares the target's own gcc inside the base's root, with every instruction emulated: libqmi is compiled as on the
 * Pi itself. This is at least ten times slower than clang and serves for comparison.
 * @throws InputError for a source whose build system the base does not have
 */
export async function prepareNativeToolchain(context: Context, inputs: CompileInputs): Promise<Toolchain> {
  const { source, disk, sysroot, target } = inputs;
  if (disk === undefined) throw new BugError('the base has no compiler before it is built');
  const { native } = target;
  const isMeson = source.buildSystem === 'meson';
  if (native.kind === 'own' && isMeson) {
    throw new InputError(
      `--builder qemu: ${target.name} has no meson, which libqmi ${source.version} needs`,
      {
        hint: 'use a libqmi up to 1.28, or leave --builder out',
      },
    );
  }
  const { packages, inputs: fetched } =
    native.kind === 'own'
      ? { packages: [], inputs: [] }
      : await fetchNativePackages(context, disk, native.packages, target.debianCodename);
  const plan: NativePlan = {
    // autotools compiles by relative paths, and gcc 6 does not know the flag.
    cFlags: [
      '-O2',
      '-w',
      ...(isMeson ? [`-ffile-prefix-map=${GUEST.source}=.`] : []),
      ...glibVersionDefines(sysroot),
    ],
    linkFlags: LINK_FLAGS,
    jobs: availableParallelism(),
    options: BUILD_RECIPES[source.buildSystem].options(target),
  };
  return {
    label: ", by the target's own gcc",
    key: [
      'qemu',
      BUILD_RECIPE,
      source.record.sha256,
      sysroot.id,
      packages.map(({ name, version, sha256 }) => [name, version, sha256]),
      [plan.cFlags, plan.linkFlags, plan.options],
      ...(native.kind === 'own' ? [await hashFiles(disk, native.files)] : []),
    ],
    inputs: fetched,
    open: async (work, scratch) => {
      const root = await makeNativeRoot(context, disk, packages, scratch);
      if (native.kind === 'own') {
        await addGlibHeaders(sysroot, root.writer, target);
        await addGlibMkenums(context, join(work, 'tools'));
      }
      const guest: GuestRoot = {
        root: root.path,
        folders: { '/wwanpi': work },
        cpu: target.qemuCpu,
        env: nativeEnv(plan, SOURCE_DATE_EPOCH),
      };
      return {
        commands: NATIVE_RECIPES[source.buildSystem](plan),
        run: ({ argv, cwd }, log, onLine) =>
          runInGuest(context.exec, guest, argv, { cwd, outputFile: log, onLine }),
      };
    },
  };
}

/** The SHA-256 of each file of the base, in order; they identify the compiler. */
async function hashFiles(disk: Disk, paths: readonly string[]): Promise<string[]> {
  return withImageTree(disk, async (tree) => {
    const hashes: string[] = [];
    for (const path of paths) {
      const { node } = await tree.locate(path, 'follow');
      hashes.push(node?.kind === 'file' ? sha256Text(await node.read()) : '');
    }
    return hashes;
  });
}
