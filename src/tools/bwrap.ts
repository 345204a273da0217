import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError } from '../core/errors.ts';
import type { Argv, Exec } from '../core/exec.ts';
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

/** All namespaces are new, the network's too; the programs end when wwanpi ends. */
const SANDBOX = ['bwrap', '--unshare-all', '--die-with-parent'] as const;

/**
 * Makes sure that `runInGuest` will work: armhf programs run here, and bubblewrap may create namespaces. Root may,
 * an ordinary user may on most kernels; in most containers neither may.
 * @throws InputError, and the errors of `ensureArmPrograms`
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
 * Runs a program of an ARM root file system in that root: bubblewrap (bwrap(1)) sets up the root, and the kernel's
 * binfmt_misc runs the program and its children with qemu-user.
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
