import { symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { crossClang, LINK_FLAGS, readCompilerVersions } from '../tools/clang.ts';
import { baseEnv } from '../tools/exec.ts';
import { BUILD_RECIPES, type BuildPlan } from './build-commands.ts';
import { glibVersionDefines, SOURCE_DATE_EPOCH } from './libqmi-install.ts';
import type { CompileInputs, Toolchain } from './toolchain.ts';

/** Goes up whenever a build of the same inputs should come out otherwise. */
const BUILD_RECIPE = 1;

/** clang of this machine, which compiles for the target against its sysroot. */
export async function prepareClang(context: Context, inputs: CompileInputs): Promise<Toolchain> {
  const { source, sysroot, target } = inputs;
  const recipe = BUILD_RECIPES[source.buildSystem];
  const compilers = await readCompilerVersions(context.exec);
  return {
    label: '',
    key: [
      BUILD_RECIPE,
      source.record.sha256,
      sysroot.id,
      target.clangFlags,
      LINK_FLAGS,
      recipe.options(target),
      compilers,
    ],
    inputs: [],
    open: async (work) => {
      const plan = await planBuild(inputs, work);
      for (const { name, text } of recipe.files(plan)) {
        await writeFile(join(plan.toolsFolder, name), text, { mode: 0o755 });
      }
      const env = {
        PATH: `${plan.toolsFolder}:${baseEnv().PATH ?? ''}`,
        PKG_CONFIG_SYSROOT_DIR: plan.sysroot,
        PKG_CONFIG_LIBDIR: plan.pkgConfigFolder,
        SOURCE_DATE_EPOCH,
        PYTHONDONTWRITEBYTECODE: '1',
        // Byte-code of the generator differs with the host's Python; nothing of it is kept, but hashing is by seed.
        PYTHONHASHSEED: '0',
      };
      return {
        commands: recipe.commands(plan),
        run: ({ argv, cwd }, log) => context.exec(argv, { cwd, env, outputFile: log }),
      };
    },
  };
}

async function planBuild({ source, sysroot, target }: CompileInputs, work: string): Promise<BuildPlan> {
  // By a name of ours, since that of the cache is the user's (see makeWorkFolder).
  const sysrootPath = join(work, 'sysroot');
  await symlink(sysroot.path, sysrootPath);
  return {
    sourceFolder: join(work, 'source'),
    buildFolder: join(work, 'build'),
    installFolder: join(work, 'install'),
    toolsFolder: join(work, 'tools'),
    sysroot: sysrootPath,
    pkgConfigFolder: join(sysrootPath, 'usr/lib', target.triplet, 'pkgconfig'),
    triplet: target.triplet,
    clang: crossClang(target.clangFlags, sysrootPath, join(work, 'source')),
    cFlags: ['-O2', '-w', ...glibVersionDefines(sysroot)],
    linkFlags: LINK_FLAGS,
    jobs: availableParallelism(),
    options: BUILD_RECIPES[source.buildSystem].options(target),
  };
}
