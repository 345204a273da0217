import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError } from '../core/errors.ts';
import type { Argv, Exec } from '../core/exec.ts';
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

/** Namespaces of its own, of the network too; what runs in it ends with wwanpi. */
const SANDBOX = ['bwrap', '--unshare-all', '--die-with-parent'] as const;

/**
 * Makes sure that `runInGuest` will work: armhf programs run here, and bubblewrap may make namespaces, which root always
 * may, an ordinary user on most kernels, and neither in most containers.
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
  await exec(
    [
      ...SANDBOX,
      ...['--bind', guest.root, '/', '--dev', '/dev', '--proc', '/proc'],
      ...Object.entries(guest.folders).flatMap(([inside, outside]) => ['--bind', outside, inside]),
      ...['--chdir', options.cwd, '--clearenv'],
      ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
      ...argv,
    ],
    { outputFile: options.outputFile },
  );
}
