import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError, ToolMissingError } from '../core/errors.ts';
import type { Architecture } from '../core/model.ts';

/** Names of the same: of Node.js (`process.arch`), and of binfmt-support's entry for QEMU. */
const ARCHITECTURES = {
  armhf: { node: 'arm', binfmt: 'qemu-arm' },
  arm64: { node: 'arm64', binfmt: 'qemu-aarch64' },
} as const;

const BINFMT = '/proc/sys/fs/binfmt_misc';

/**
 * Makes sure that programs of a Pi run on this host, in a chroot too: natively, or through qemu-user with the
 * kernel's binfmt_misc. As root it mounts binfmt_misc and registers qemu if necessary, as in a fresh container.
 * @throws InputError when root is needed, ToolMissingError when such programs cannot run here.
 */
export async function ensureArmPrograms(context: Context, architecture: Architecture): Promise<void> {
  if (await canRunArmPrograms(context, architecture)) return;
  const { binfmt } = ARCHITECTURES[architecture];
  const message = `${architecture} programs do not run on this machine`;
  const hint = 'apt-get install qemu-user-static binfmt-support; for a container, on the machine it runs on';
  if (process.getuid?.() !== 0) {
    throw new InputError(`${message}, and only root can change that`, {
      hint: `run once as root: mount -t binfmt_misc binfmt_misc ${BINFMT}; update-binfmts --enable ${binfmt}`,
    });
  }
  try {
    const mounted = await readFile(`${BINFMT}/status`).then(
      () => true,
      () => false,
    );
    if (!mounted) await context.exec(['mount', '-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
    await context.exec(['update-binfmts', '--enable', binfmt]);
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new ToolMissingError(message, { hint, detail: error.detail });
  }
  if (!(await isRegistered(binfmt))) throw new ToolMissingError(message, { hint });
}

/** Whether programs of a Pi run on this host, as far as can be told without changing it. Only root can be sure in a container. */
export async function canRunArmPrograms(context: Context, architecture: Architecture): Promise<boolean> {
  const { node, binfmt } = ARCHITECTURES[architecture];
  return process.arch === node || (await isRegistered(binfmt)) || (await runInChroot(context, architecture));
}

/** Flag F: the kernel keeps the interpreter open, so it works in a chroot that does not contain it. */
async function isRegistered(binfmt: string): Promise<boolean> {
  const entry = await readFile(`${BINFMT}/${binfmt}`, 'utf8').catch(() => '');
  return entry.startsWith('enabled') && /^flags: .*F/m.test(entry);
}

/**
 * In a container the host's registration works, but the folder that lists it is not visible. arch-test(1) runs a
 * program of the architecture in an otherwise empty root, which succeeds only with flag F. It needs root.
 */
async function runInChroot(context: Context, architecture: Architecture): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const folder = join(context.tmpDir, 'arch-test');
  await mkdir(folder, { recursive: true });
  const { exitCode } = await context.exec(['arch-test', '-c', folder, architecture], { okExitCodes: [1, 2] });
  return exitCode === 0;
}
