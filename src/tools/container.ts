import type { Context } from '../core/context.ts';
import { ToolFailedError, ToolMissingError } from '../core/errors.ts';
import type { Argv, Exec } from '../core/exec.ts';

/** The supported container engines. */
export const ENGINES = ['docker', 'podman'] as const;

/** One of `ENGINES`; its program has the same name. */
export type Engine = (typeof ENGINES)[number];

/** A file or folder of the host that a container sees under the same path. */
export interface Mount {
  /** Absolute. */
  readonly path: string;
  readonly writable: boolean;
}

/** An engine that runs on this machine. */
export interface EngineFacts {
  readonly engine: Engine;
  /** Run by an ordinary user: root in the container is that user on the host. */
  readonly rootless: boolean;
}

/** One program to run in a container that is removed afterwards. */
export interface ContainerRun {
  readonly image: string;
  readonly mounts: readonly Mount[];
  /** Variables passed on by name, so their values are in no argv. */
  readonly variables: readonly string[];
  /** The user that runs the program and owns its files, by the host's numbers; root for a step that needs it. */
  readonly user: { readonly uid: number; readonly gid: number } | 'root';
  /** For the image's entry point. */
  readonly args: readonly string[];
}

/** How to build an image from a folder with a Dockerfile. */
export interface ImageBuild {
  readonly tag: string;
  readonly folder: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Files that the Dockerfile may mount while building, by id; they are not copied into the image. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** docker-run(1), podman-run(1). No privileges, devices or capabilities beyond the engine's own defaults. */
export function formatRunArgv({ engine, rootless }: EngineFacts, run: ContainerRun): Argv {
  return [
    engine,
    'run',
    '--rm',
    ...userArgs(engine, rootless, run.user),
    // The mounts are the user's files. SELinux would require new labels, which would change them for all programs.
    '--security-opt=label=disable',
    // A folder that contains nothing of the host. Paths shown relative to /work, for example, would be wrong outside.
    '--workdir=/opt/wwanpi/dist',
    ...run.mounts.map((mount) => `--mount=${formatMount(mount)}`),
    ...run.variables.map((name) => `--env=${name}`),
    run.image,
    ...run.args,
  ];
}

/** docker-buildx-build(1), podman-build(1). */
export function formatBuildArgv(engine: Engine, build: ImageBuild): Argv {
  return [
    engine,
    'build',
    `--tag=${build.tag}`,
    ...Object.entries(build.labels).map(([name, value]) => `--label=${name}=${value}`),
    ...Object.entries(build.secrets).map(
      ([id, path]) => `--secret=${formatCsv([`id=${id}`, `src=${path}`])}`,
    ),
    build.folder,
  ];
}

/** A bind mount for `--mount`. Not `-v`, which splits at colons and creates missing folders. */
export function formatMount({ path, writable }: Mount): string {
  return formatCsv(['type=bind', `source=${path}`, `target=${path}`, ...(writable ? [] : ['readonly'])]);
}

/**
 * Queries the engine's properties.
 * @throws ToolMissingError when it is not installed, ToolFailedError when it does not answer
 */
export async function probeEngine(exec: Exec, engine: Engine): Promise<EngineFacts> {
  const format = engine === 'docker' ? '{{json .SecurityOptions}}' : '{{.Host.Security.Rootless}}';
  try {
    const { stdout } = await exec([engine, 'info', `--format=${format}`], {
      env: engineEnv(),
      timeoutMs: 60_000,
    });
    const rootless = engine === 'docker' ? stdout.includes('name=rootless') : stdout.trim() === 'true';
    return { engine, rootless };
  } catch (error) {
    if (error instanceof ToolMissingError) {
      throw new ToolMissingError(`${engine} is required for --in ${engine}`, {
        hint: `install it, or build on this machine itself, without --in (wwanpi doctor)`,
      });
    }
    if (!(error instanceof ToolFailedError)) throw error;
    throw new ToolFailedError(`${engine} does not answer`, {
      hint:
        engine === 'docker'
          ? 'is its service running, and may you use it? try: docker info'
          : 'try: podman info',
      detail: error.detail,
      cause: error,
    });
  }
}

/** An image's labels; undefined if the engine does not have the image. */
export async function readImageLabels(
  exec: Exec,
  engine: Engine,
  image: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const argv: Argv = [engine, 'image', 'inspect', '--format={{json .Config.Labels}}', image];
  // 125 is podman's exit code for a missing image.
  const { exitCode, stdout } = await exec(argv, { env: engineEnv(), okExitCodes: [1, 125] });
  return exitCode === 0 ? ((JSON.parse(stdout) as Record<string, string> | null) ?? {}) : undefined;
}

/** @throws ToolFailedError with the end of the engine's output */
export async function buildContainerImage(
  context: Context,
  engine: Engine,
  build: ImageBuild,
): Promise<void> {
  const env = { ...engineEnv(), DOCKER_BUILDKIT: '1' };
  // It installs packages and compiles: eight minutes on a busy machine with two cores.
  await context.exec(formatBuildArgv(engine, build), { env, timeoutMs: 6 * 3_600_000 });
}

/**
 * The variables that an engine's client needs beyond those of every child: which engine it talks to, and where its
 * settings, keys and storage are.
 */
export function engineEnv(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const known =
    /^(?:DOCKER_|BUILDX_|BUILDKIT_|CONTAINER|PODMAN_|BUILDAH_|STORAGE_|REGISTRY_AUTH_FILE$|XDG_|SSH_AUTH_SOCK$|DBUS_SESSION_BUS_ADDRESS$)/;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      known.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}

/** Under a rootless engine the caller's own number is the container's 0, unless Podman keeps it (--userns=keep-id). */
function userArgs(engine: Engine, rootless: boolean, user: ContainerRun['user']): string[] {
  if (user === 'root' || (rootless && engine === 'docker')) return ['--user=0:0'];
  const own = `--user=${user.uid}:${user.gid}`;
  return rootless ? ['--userns=keep-id', own] : [own];
}

/** One line of CSV (RFC 4180): engines parse `--mount` and `--secret` as such. */
function formatCsv(fields: readonly string[]): string {
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
