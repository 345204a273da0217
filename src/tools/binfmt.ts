import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError, ToolMissingError } from '../core/errors.ts';

const BINFMT = '/proc/sys/fs/binfmt_misc';

/**
 * Makes sure that armhf programs run on this host, in a chroot too: natively, or through qemu-user with the
 * kernel's binfmt_misc. As root it mounts binfmt_misc and registers qemu if necessary, as in a fresh container.
 * @throws InputError when root is needed, ToolMissingError when armhf programs cannot run here.
 */
export async function ensureArmPrograms(context: Context): Promise<void> {
  if (await canRunArmPrograms(context)) return;
  const hint = 'apt-get install qemu-user-static binfmt-support; for a container, on the machine it runs on';
  if (process.getuid?.() !== 0) {
    throw new InputError('armhf programs do not run on this machine, and only root can change that', {
      hint: 'run once as root: mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc; update-binfmts --enable qemu-arm',
    });
  }
  try {
    const mounted = await readFile(`${BINFMT}/status`).then(
      () => true,
      () => false,
    );
    if (!mounted) await context.exec(['mount', '-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
    await context.exec(['update-binfmts', '--enable', 'qemu-arm']);
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new ToolMissingError('armhf programs do not run on this machine', {
      hint,
      detail: error.detail,
    });
  }
  if (!(await isRegistered()))
    throw new ToolMissingError('armhf programs do not run on this machine', { hint });
}

/** Whether armhf programs run on this host, as far as can be told without changing it. Only root can be sure in a container. */
export async function canRunArmPrograms(context: Context): Promise<boolean> {
  return process.arch === 'arm' || (await isRegistered()) || (await runInChroot(context));
}

/** Flag F: the kernel keeps the interpreter open, so it works in a chroot that does not contain it. */
async function isRegistered(): Promise<boolean> {
  const entry = await readFile(`${BINFMT}/qemu-arm`, 'utf8').catch(() => '');
  return entry.startsWith('enabled') && /^flags: .*F/m.test(entry);
}

/**
 * In a container the host's registration works, but the folder that lists it is not visible. arch-test(1) runs an
 * armhf program in an otherwise empty root, which succeeds only with flag F. It needs root.
 */
async function runInChroot(context: Context): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const folder = join(context.tmpDir, 'arch-test');
  await mkdir(folder, { recursive: true });
  const { exitCode } = await context.exec(['arch-test', '-c', folder, 'armhf'], { okExitCodes: [1, 2] });
  return exitCode === 0;
}
