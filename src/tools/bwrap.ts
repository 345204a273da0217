import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError, ToolMissingError } from '../core/errors.ts';
import type { Argv, Exec, ExecOptions, ExecResult } from '../core/exec.ts';
import { ensureArmPrograms } from './binfmt.ts';

/** A foreign root file system to run programs in. */
export interface GuestRoot {
  /** The host's folder that the programs see as `/`. */
  readonly root: string;
  /** More folders of the host for the programs: path in the guest → path on the host. */
  readonly folders: Readonly<Record<string, string>>;
  /** A name of qemu-arm -cpu help: `cortex-a7`. */
  readonly cpu: string;
  /** Their whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The folders and the environment of programs in a sandbox. They also see the host's programs. */
export interface Sandbox {
  /** The folder that they may write to, under its own path. */
  readonly writable?: string;
  /** Folders that they may read: path in the sandbox → path on the host. */
  readonly readable: Readonly<Record<string, string>>;
  /** Their environment, besides PATH, HOME, locale and time zone. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * All namespaces are new, the network's too; the programs end when wwanpi ends. In a session of their own they cannot type
 * into the user's terminal (TIOCSTI, CVE-2017-5226).
 */
const SANDBOX = ['bwrap', '--unshare-all', '--new-session', '--die-with-parent'] as const;

/** Folders with programs and libraries, besides /usr; on a merged /usr most are symlinks into it. */
const SYSTEM_FOLDERS = [
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'],
  ...['/etc/alternatives', '/etc/ld.so.cache'],
];

/** PATH in a sandbox. */
export const SANDBOX_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/**
 * Explains why programs cannot run in a sandbox on this machine, as a clause; undefined if they can. Root may create
 * namespaces, an ordinary user may on most kernels; in most containers neither may.
 * @param programs names of the programs
 */
export async function explainNoSandbox(exec: Exec, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) if (!(await isInSystem(program))) return `${program} is not in /usr`;
  try {
    await runInSandbox(exec, { readable: {}, env: {} }, ['true'], { cwd: '/', timeoutMs: 60_000 });
    return undefined;
  } catch (error) {
    if (error instanceof ToolMissingError) return 'bubblewrap is not installed';
    if (error instanceof ToolFailedError) return 'this machine allows no namespaces';
    throw error;
  }
}

async function isInSystem(program: string): Promise<boolean> {
  for (const folder of SANDBOX_PATH.split(':')) {
    const path = await realpath(join(folder, program)).catch(() => undefined);
    if (path !== undefined) return /^\/(?:usr|bin|sbin)\//.test(path);
  }
  return false;
}

/**
 * Runs a program of the host in a sandbox (bwrap(1)) that has only the host's programs and the given folders: no network,
 * no home folder, none of the user's environment.
 */
export async function runInSandbox(
  exec: Exec,
  { writable, readable, env }: Sandbox,
  argv: Argv,
  options: Pick<ExecOptions, 'outputFile' | 'onLine' | 'timeoutMs'> & { readonly cwd: string },
): Promise<ExecResult> {
  const { cwd, ...rest } = options;
  const all = { PATH: SANDBOX_PATH, ...PLAIN_ENV, ...env };
  return inItsName(argv, () =>
    exec(
      [
        ...SANDBOX,
        ...['--ro-bind', '/usr', '/usr'],
        ...SYSTEM_FOLDERS.flatMap((folder) => ['--ro-bind-try', folder, folder]),
        ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
        ...(writable === undefined ? [] : ['--bind', writable, writable]),
        ...Object.entries(readable).flatMap(([inside, outside]) => ['--ro-bind', outside, inside]),
        ...startWith(cwd, all, argv),
      ],
      rest,
    ),
  );
}

/** C locale and UTC, so that output is reproducible. */
const PLAIN_ENV = { HOME: '/tmp', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC' };

/**
 * Makes sure that `runInGuest` will work: armhf programs run here, and bubblewrap may create namespaces.
 * @throws InputError, and the errors of `ensureArmPrograms`
 */
export async function ensureGuest(context: Context): Promise<void> {
  await ensureArmPrograms(context, 'armhf');
  try {
    await context.exec([...SANDBOX, '--ro-bind', '/', '/', 'true']);
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new InputError('--builder qemu needs user namespaces or root, and has neither here', {
      hint: 'allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or use the default, clang',
      detail: error.detail,
    });
  }
}

/**
 * Runs a program of an ARM root file system in that root: bubblewrap (bwrap(1)) sets up the root, and the kernel's
 * binfmt_misc runs the program and its children with qemu-user.
 * @param cwd in the guest
 * @param options.outputFile gets both outputs
 */
export async function runInGuest(
  exec: Exec,
  guest: GuestRoot,
  argv: Argv,
  options: Pick<ExecOptions, 'outputFile' | 'onLine'> & { readonly cwd: string },
): Promise<void> {
  const { cwd, ...rest } = options;
  const env = { ...guest.env, QEMU_CPU: guest.cpu };
  await inItsName(argv, () =>
    exec(
      [
        ...SANDBOX,
        ...['--bind', guest.root, '/', '--dev', '/dev', '--proc', '/proc'],
        ...Object.entries(guest.folders).flatMap(([inside, outside]) => ['--bind', outside, inside]),
        ...startWith(cwd, env, argv),
      ],
      rest,
    ),
  );
}

/** The end of bwrap's command line: the program, its folder and its whole environment. */
function startWith(cwd: string, env: Readonly<Record<string, string>>, argv: Argv): string[] {
  const variables = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]);
  return ['--chdir', cwd, '--clearenv', ...variables, ...argv];
}

/** bwrap has the exit code of the program in it, so errors name the program. */
async function inItsName(argv: Argv, run: () => Promise<ExecResult>): Promise<ExecResult> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    const { hint, detail, cause } = error;
    throw new ToolFailedError(error.message.replace(/^bwrap /, `${argv[0]} `), {
      ...(hint === undefined ? {} : { hint }),
      ...(detail === undefined ? {} : { detail }),
      cause,
    });
  }
}
