import { AppError } from '../../src/core/errors.ts';
import { engineEnv } from '../../src/tools/container.ts';
import { BUILDER_IMAGE, type BuilderImage } from './builder-image.ts';
import { type CliOptions, type CliResult, runCli } from './cli.ts';

/**
 * In a mount namespace without the second hierarchy of control groups: crun takes one version or the other, and
 * some sandboxes mount both. Nothing outside it changes.
 */
const ONE_HIERARCHY = [
  ...['unshare', '--mount', 'sh', '-c'],
  'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"',
  'sh',
] as const;

/** Why podman can't run containers here; undefined when it can. */
export async function explainNoPodman({ exec, env }: BuilderImage): Promise<string | undefined> {
  const argv = [...ONE_HIERARCHY, 'podman', 'run', '--rm', '--entrypoint=true', BUILDER_IMAGE] as const;
  try {
    await exec(argv, { env: { ...engineEnv(), ...env } });
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const last = error.detail?.trimEnd().split('\n').at(-1) ?? error.message;
    return `podman can't run a container here: ${last}`;
  }
}

/** The built command, with podman on the builder image's storage. */
export async function runCliWithPodman(
  { env }: BuilderImage,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  return runCli(args, { ...options, env: { ...env, ...options.env }, wrapper: ONE_HIERARCHY });
}
