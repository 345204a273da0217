import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Context } from '../core/context.ts';
import { listHandedOn } from '../core/environment.ts';
import { ContainerError, InterruptedError, ToolFailedError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { OptionsError } from '../formats/issues.ts';
import { defaultCacheDir, withRun } from '../host/with-run.ts';
import type { CommandPaths } from '../options/command.ts';
import { type Engine, type EngineFacts, engineEnv, formatRunArgv, probeEngine } from '../tools/container.ts';
import { runAttached } from '../tools/exec.ts';
import { ensureContainerImage } from './ensure-container-image.ts';
import { type ContainerPlan, planContainer } from './plan-container.ts';

/** A command to run in a container. */
export interface ContainerJob {
  readonly engine: Engine;
  readonly paths: CommandPaths;
  readonly report: Reporter;
  readonly cacheDir: string | undefined;
  /** Option → variable, for options that must not appear in a command line. */
  readonly secretVariables?: Readonly<Record<string, string>>;
  /** Variables that the command reads; passed on if they are set. */
  readonly variables?: readonly string[];
  /** Inputs that no option names. */
  readonly reads?: readonly string[];
  /** Run as root in the container, for work that needs root. */
  readonly asRoot?: boolean;
}

/**
 * Runs a command in a container with the same options, every path mounted under its own name, and the same cache.
 * The caller has checked the options.
 * @throws ContainerError with the exit code of the command inside, which has printed its error
 */
export async function runInContainer(
  argv: Readonly<Record<string, unknown>>,
  job: ContainerJob,
): Promise<void> {
  const cacheDir = resolve(job.cacheDir ?? defaultCacheDir());
  const plan = planContainer(job.paths, { ...argv, cacheDir }, job.secretVariables ?? {}, job.reads);
  if (plan.issues.length > 0) throw new OptionsError(plan.issues);
  await withRun({ report: job.report, cacheDir }, async ({ context }) => {
    const facts = await probeEngine(context.exec, job.engine);
    const given = argv.containerImage;
    const image = typeof given === 'string' ? given : await ensureContainerImage(context, job.engine);
    await withMountPoints(plan, async () => {
      // The command inside writes to the same terminal.
      const exitCode = await job.report.hold(() => run(facts, image, plan, job));
      assertSuccess(context, job.engine, exitCode);
    });
  });
}

async function run(
  facts: EngineFacts,
  image: string,
  plan: ContainerPlan,
  job: ContainerJob,
): Promise<number> {
  const values: Record<string, string> = {};
  for (const name of [...listHandedOn(), ...(job.variables ?? [])]) {
    const value = process.env[name];
    if (value !== undefined) values[name] = value;
  }
  Object.assign(values, plan.secrets);
  const argv = formatRunArgv(facts, {
    image,
    mounts: plan.mounts,
    variables: Object.keys(values).sort(),
    // Windows has no such numbers; its engines run in a virtual machine.
    user: job.asRoot === true ? 'root' : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    args: plan.args,
  });
  return runAttached(argv, { ...engineEnv(), ...values });
}

/** Makes missing folders beforehand, or the engine would make them as root; removes those that stay empty. */
async function withMountPoints(plan: ContainerPlan, fn: () => Promise<void>): Promise<void> {
  const made: string[] = [];
  for (const { path, writable } of plan.mounts) if (writable) made.push(...(await makeFolder(path)));
  try {
    await fn();
  } finally {
    for (const path of made.reverse()) {
      await rmdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
      });
    }
  }
}

/** @returns the folders that did not exist, outermost first */
async function makeFolder(path: string): Promise<string[]> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return [];
  const above = await makeFolder(dirname(path));
  await mkdir(path);
  return [...above, path];
}

/** Exit codes of the engine itself: 125 its own failure, 126 and 127 a command that can't be run (docker-run(1)). */
function assertSuccess(context: Context, engine: Engine, exitCode: number): void {
  if (exitCode === 0) return;
  if (exitCode === 130 || context.signal.aborted)
    throw new InterruptedError('interrupted; the container is gone');
  if (exitCode >= 125 && exitCode <= 127) {
    throw new ToolFailedError(`${engine} could not run the container (exit code ${exitCode})`, {
      hint: `its message is above; ${engine} info and ${engine} image ls show more`,
    });
  }
  throw new ContainerError(
    exitCode,
    `failed in the container (exit code ${exitCode}); see its message above`,
  );
}
