import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { ToolFailedError } from '../core/errors.ts';
import { cached } from '../host/cache.ts';
import { runApt, withApt } from '../tools/debian/apt.ts';
import { downloadPackages } from '../tools/debian/apt-packages.ts';
import { runDepmod } from '../tools/kmod.ts';

/** Debian's armhf kernel and a static busybox, unpacked: what QEMU's `virt` board boots a guest with. */
export interface GuestKernel {
  /** As `uname -r` has it: `6.1.0-50-armmp`. */
  readonly version: string;
  readonly kernelPath: string;
  /** Holds `lib/modules/VERSION`, indexed by depmod. */
  readonly rootDir: string;
  readonly busyboxPath: string;
}

const ARCHIVE = { architecture: 'armhf', codename: 'bookworm', components: ['main'] } as const;
const META_PACKAGE = 'linux-image-armmp';

/**
 * Fetches the kernel that `linux-image-armmp` stands for today, and busybox-static; both are unpacked and
 * never installed. From the cache when it is there.
 * @throws NetworkError when the mirror cannot be reached, ToolMissingError without dpkg-deb or depmod.
 */
export async function prepareGuestKernel(context: Context): Promise<GuestKernel> {
  return withApt(context, ARCHIVE, async (apt) => {
    const depends = await runApt(apt, ['apt-cache', 'depends', '--important', META_PACKAGE]);
    const name = /^\s*Depends: (linux-image-\S+)$/m.exec(depends)?.[1];
    if (name === undefined) {
      throw new ToolFailedError(`apt-cache names no kernel for ${META_PACKAGE}`, { detail: depends });
    }
    const [kernel, busybox] = await downloadPackages(apt, [name, 'busybox-static']);
    if (kernel === undefined || busybox === undefined) {
      throw new ToolFailedError('apt-get download fell short');
    }
    const key = `${kernel.sha256.slice(0, 16)}-${busybox.sha256.slice(0, 16)}`;
    const version = name.replace('linux-image-', '');
    const { path } = await cached(context, 'guest-kernels', key, async (folder) => {
      for (const entry of [kernel, busybox]) await context.exec(['dpkg-deb', '-x', entry.path, folder]);
      await runDepmod(context, folder, version);
    });
    return {
      version,
      kernelPath: join(path, 'boot', `vmlinuz-${version}`),
      rootDir: path,
      busyboxPath: await findBusybox(path),
    };
  });
}

async function findBusybox(root: string): Promise<string> {
  // In /bin until Debian 12, in /usr/bin from 13 on.
  const inBin = (await readdir(join(root, 'bin')).catch(() => [] as string[])).includes('busybox');
  return join(root, inBin ? 'bin' : 'usr/bin', 'busybox');
}
