import type { Context } from '../core/context.ts';
import { ToolFailedError, ToolMissingError } from '../core/errors.ts';
import type { Argv, Exec } from '../core/exec.ts';

/** The engines whose command lines wwanpi speaks. */
export const ENGINES = ['docker', 'podman'] as const;

/** One of `ENGINES`; its program has the same name. */
export type Engine = (typeof ENGINES)[number];

/** A file or folder of the host that a container sees under the same path. */
export interface Mount {
  /** Absolute. */
  readonly path: string;
  readonly writable: boolean;
}

/** An engine at work on this machine. */
export interface EngineFacts {
  readonly engine: Engine;
  /** Run by an ordinary user: root in the container is that user outside. */
  readonly rootless: boolean;
}

/** One program run in a container that is gone afterwards. */
export interface ContainerRun {
  readonly image: string;
  readonly mounts: readonly Mount[];
  /** Variables handed on by name: a value never stands in an argv. */
  readonly variables: readonly string[];
  /** Whom the program runs as and what it writes belongs to, by the host's numbers; root for a step that needs it. */
  readonly user: { readonly uid: number; readonly gid: number } | 'root';
  /** For the image's entry point. */
  readonly args: readonly string[];
}

/** How an image is built from a folder with a Dockerfile. */
export interface ImageBuild {
  readonly tag: string;
  readonly folder: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Files the Dockerfile may mount while building, by their id; they do not end up in the image. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** docker-run(1), podman-run(1). No privileges, devices or capabilities beyond the engine's own defaults. */
export function formatRunArgv({ engine, rootless }: EngineFacts, run: ContainerRun): Argv {
  return [
    engine,
    'run',
    '--rm',
    ...userArgs(engine, rootless, run.user),
    // What is mounted is the user's: SELinux must not want it relabelled, which would change it for everybody else.
    '--security-opt=label=disable',
    // Where nothing of the host is: a path that is shown as relative to it, as below the image's own /work, would not hold outside.
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

/** A bind mount as `--mount` takes it. Not `-v`, which splits at colons and makes folders that are not there. */
export function formatMount({ path, writable }: Mount): string {
  return formatCsv(['type=bind', `source=${path}`, `target=${path}`, ...(writable ? [] : ['readonly'])]);
}

/**
 * Asks the engine what it is.
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

/** An image's labels; undefined when the engine does not have the image. */
export async function readImageLabels(
  exec: Exec,
  engine: Engine,
  image: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const argv: Argv = [engine, 'image', 'inspect', '--format={{json .Config.Labels}}', image];
  // 125 is podman's code of an image that is not there.
  const { exitCode, stdout } = await exec(argv, { env: engineEnv(), okExitCodes: [1, 125] });
  return exitCode === 0 ? ((JSON.parse(stdout) as Record<string, string> | null) ?? {}) : undefined;
}

/** @throws ToolFailedError with the end of what the engine said */
export async function buildContainerImage(
  context: Context,
  engine: Engine,
  build: ImageBuild,
): Promise<void> {
  await context.exec(formatBuildArgv(engine, build), { env: { ...engineEnv(), DOCKER_BUILDKIT: '1' } });
}

/**
 * What an engine's client reads of the caller's environment, beyond what every child has: which engine it talks to,
 * and where its settings, keys and storage are.
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

/** Under a rootless engine the caller's own number is the container's 0, unless Podman is told to keep it. */
function userArgs(engine: Engine, rootless: boolean, user: ContainerRun['user']): string[] {
  if (user === 'root' || (rootless && engine === 'docker')) return ['--user=0:0'];
  const own = `--user=${user.uid}:${user.gid}`;
  return rootless ? ['--userns=keep-id', own] : [own];
}

/** One line of CSV (RFC 4180), which is how engines read `--mount` and `--secret`. */
function formatCsv(fields: readonly string[]): string {
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
