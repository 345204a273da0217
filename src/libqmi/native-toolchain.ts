import { availableParallelism } from 'node:os';
import type { Context } from '../core/context.ts';
import { type GuestRoot, runInGuest } from '../tools/bwrap.ts';
import { LINK_FLAGS } from '../tools/clang.ts';
import { AUTOTOOLS_OPTIONS, MESON_OPTIONS } from './build-commands.ts';
import { glibCap, SOURCE_DATE_EPOCH } from './libqmi-install.ts';
import { fetchNativePackages, makeNativeRoot } from './make-native-root.ts';
import { GUEST, NATIVE_RECIPES, type NativePlan, nativeEnv } from './native-build-commands.ts';
import type { CompileInputs, Toolchain } from './toolchain.ts';

/** Goes up whenever a build of the same inputs should come out otherwise. */
const BUILD_RECIPE = 1;

/**
 * The target's own gcc, inside the base's root, every instruction emulated: libqmi compiled as on the Pi itself. Ten
 * times slower than clang and more; it is there to compare with.
 * @throws InputError for a target that has no compiler at hand
 */
export async function prepareNativeToolchain(context: Context, inputs: CompileInputs): Promise<Toolchain> {
  const { source, disk, sysroot, target } = inputs;
  const toolchain = await fetchNativePackages(context, disk, target);
  const options = source.buildSystem === 'meson' ? MESON_OPTIONS : AUTOTOOLS_OPTIONS;
  const plan: NativePlan = {
    cFlags: ['-O2', '-w', `-ffile-prefix-map=${GUEST.source}=.`, ...glibCap(sysroot)],
    linkFlags: LINK_FLAGS,
    jobs: availableParallelism(),
  };
  return {
    label: ", by the target's own gcc",
    key: [
      'qemu',
      BUILD_RECIPE,
      source.record.sha256,
      sysroot.id,
      toolchain.packages.map(({ name, version, sha256 }) => [name, version, sha256]),
      [plan.cFlags, plan.linkFlags, options],
    ],
    inputs: toolchain.inputs,
    open: async (work, scratch) => {
      const guest: GuestRoot = {
        root: await makeNativeRoot(context, disk, toolchain, scratch),
        folders: { '/wwanpi': work },
        cpu: target.qemuCpu,
        env: nativeEnv(plan, SOURCE_DATE_EPOCH),
      };
      return {
        commands: NATIVE_RECIPES[source.buildSystem](plan),
        run: ({ argv, cwd }, log) => runInGuest(context.exec, guest, argv, { cwd, outputFile: log }),
      };
    },
  };
}
