import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError, ToolMissingError } from '../core/errors.ts';
import type { Argv, Exec, ExecOptions, ExecResult } from '../core/exec.ts';
import { ensureArmPrograms } from './binfmt.ts';

/** A foreign root file system to run programs in. */
export interface GuestRoot {
  /** The host's folder that is `/` to the programs. */
  readonly root: string;
  /** Folders of the host the programs see as well: theirs → the host's. */
  readonly folders: Readonly<Record<string, string>>;
  /** A name of qemu-arm -cpu help: `cortex-a7`. */
  readonly cpu: string;
  /** All the environment they have. */
  readonly env: Readonly<Record<string, string>>;
}

/** What programs of this machine see in a sandbox, besides the programs themselves. Folders keep their paths. */
export interface Sandbox {
  /** The folder they may write in, if any. */
  readonly writable?: string;
  /** Folders they may read: theirs → the host's. */
  readonly readable: Readonly<Record<string, string>>;
  /** All the environment they have. */
  readonly env: Readonly<Record<string, string>>;
}

/** Namespaces of its own, of the network too; what runs in it ends with wwanpi. */
const SANDBOX = ['bwrap', '--unshare-all', '--die-with-parent'] as const;

/** Where programs and their libraries lie; on a merged /usr all but the first are links into it. */
const SYSTEM_FOLDERS = [
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'],
  ...['/etc/alternatives', '/etc/ld.so.cache'],
];

/** Where programs in a sandbox are looked for. */
export const SANDBOX_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/**
 * Why programs cannot run in a sandbox on this machine, to complete "…, and REASON"; undefined where they can. Root always
 * may make namespaces, an ordinary user on most kernels, and neither in most containers.
 * @param programs what is to run
 */
export async function explainNoSandbox(exec: Exec, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) if (!(await isInSystem(program))) return `${program} does not lie in /usr`;
  try {
    await runInSandbox(exec, { readable: {}, env: {} }, ['true'], { cwd: '/', timeoutMs: 60_000 });
    return undefined;
  } catch (error) {
    if (error instanceof ToolMissingError) return 'bubblewrap is not installed';
    if (error instanceof ToolFailedError) return 'this machine allows no user namespaces';
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
 * Runs a program of this machine in a root that has the system's programs, the given folders and nothing else: no
 * network, no home, no environment of the user's (bwrap(1)).
 */
export async function runInSandbox(
  exec: Exec,
  { writable, readable, env }: Sandbox,
  argv: Argv,
  options: Pick<ExecOptions, 'outputFile' | 'timeoutMs'> & { readonly cwd: string },
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
        ...['--chdir', cwd, '--clearenv'],
        ...Object.entries(all).flatMap(([name, value]) => ['--setenv', name, value]),
        ...argv,
      ],
      rest,
    ),
  );
}

/** C locale and UTC, so that output repeats. */
const PLAIN_ENV = { HOME: '/tmp', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC' };

/**
 * Makes sure that `runInGuest` will work: armhf programs run here, and bubblewrap may make namespaces.
 * @throws InputError, or what `ensureArmPrograms` throws
 */
export async function ensureGuest(context: Context): Promise<void> {
  await ensureArmPrograms(context);
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
 * Runs a program of an ARM root file system in that root: bubblewrap (bwrap(1)) makes the root, and the kernel's
 * binfmt_misc has qemu-user run it and all that it starts.
 * @param cwd in the guest
 * @param outputFile gets both outputs
 */
export async function runInGuest(
  exec: Exec,
  guest: GuestRoot,
  argv: Argv,
  options: { readonly cwd: string; readonly outputFile: string },
): Promise<void> {
  const env = { ...guest.env, QEMU_CPU: guest.cpu };
  await inItsName(argv, () =>
    exec(
      [
        ...SANDBOX,
        ...['--bind', guest.root, '/', '--dev', '/dev', '--proc', '/proc'],
        ...Object.entries(guest.folders).flatMap(([inside, outside]) => ['--bind', outside, inside]),
        ...['--chdir', options.cwd, '--clearenv'],
        ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
        ...argv,
      ],
      { outputFile: options.outputFile },
    ),
  );
}

/** bwrap ends as the program in it did: what failed is the program. */
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
