import { symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { explainNoSandbox, runInSandbox, SANDBOX_PATH } from '../tools/bwrap.ts';
import { baseEnv } from '../tools/child-env.ts';
import { crossClang, LINK_FLAGS, readCompilerVersions } from '../tools/clang.ts';
import { openFolder } from '../tools/files/write-below.ts';
import { BUILD_RECIPES, type BuildPlan } from './build-commands.ts';
import { glibVersionDefines, SOURCE_DATE_EPOCH } from './libqmi-install.ts';
import type { CompileInputs, Toolchain } from './toolchain.ts';

/** Part of the cache key; increased when the same inputs should give another build. */
const BUILD_RECIPE = 1;

/** Programs of the host that each build system runs, besides the compiler. */
const PROGRAMS = {
  autotools: ['make', 'pkg-config', 'python3', 'glib-mkenums'],
  meson: ['meson', 'ninja', 'pkg-config', 'python3', 'glib-mkenums'],
} as const;

/**
 * Prepares this machine's clang to compile for the target against its sysroot. It runs in a sandbox with the source, the
 * sysroot and the host's programs; without a sandbox it runs all the same, and a warning says so.
 */
export async function prepareClang(context: Context, inputs: CompileInputs): Promise<Toolchain> {
  const { source, sysroot, target } = inputs;
  const { exec } = context;
  const recipe = BUILD_RECIPES[source.buildSystem];
  const programs = ['clang', 'ld.lld', 'llvm-strip', ...PROGRAMS[source.buildSystem]];
  const noSandbox = await explainNoSandbox(exec, programs);
  const compilers = await readCompilerVersions(
    noSandbox === undefined
      ? (argv) => runInSandbox(exec, { readable: {}, env: {} }, argv, { cwd: '/' })
      : exec,
  );
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
      const plan = planBuild(inputs, work);
      const tools = openFolder(plan.toolsFolder);
      for (const { name, text } of recipe.files(plan)) await tools.file(name, text, 0o755);
      const env = {
        PKG_CONFIG_SYSROOT_DIR: plan.sysroot,
        PKG_CONFIG_LIBDIR: plan.pkgConfigFolder,
        SOURCE_DATE_EPOCH,
        PYTHONDONTWRITEBYTECODE: '1',
        // libqmi's code generator is in Python; a fixed seed makes its output reproducible.
        PYTHONHASHSEED: '0',
      };
      const commands = recipe.commands(plan);
      if (noSandbox === undefined) {
        const sandbox = {
          writable: work,
          readable: { [plan.sysroot]: sysroot.path },
          env: { ...env, PATH: `${plan.toolsFolder}:${SANDBOX_PATH}` },
        };
        return {
          commands,
          run: ({ argv, cwd }, log, onLine) =>
            runInSandbox(exec, sandbox, argv, { cwd, outputFile: log, onLine }),
        };
      }
      context.report.warn(`libqmi is compiled without a sandbox: ${noSandbox}`);
      await symlink(sysroot.path, plan.sysroot);
      const open = { ...env, PATH: `${plan.toolsFolder}:${baseEnv().PATH ?? ''}` };
      return {
        commands,
        run: ({ argv, cwd }, log, onLine) => exec(argv, { cwd, env: open, outputFile: log, onLine }),
      };
    },
  };
}

function planBuild({ source, sysroot, target }: CompileInputs, work: string): BuildPlan {
  // The path of the cache may have odd characters, so use a plain name (see makeWorkFolder).
  const sysrootPath = join(work, 'sysroot');
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
