import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import type { Context } from '../context.ts';
import { ToolFailedError } from '../errors.ts';
import { orderModules } from '../formats/modules-dep.ts';
import { runApt, withApt } from '../tools/apt.ts';
import { downloadPackages } from '../tools/apt-packages.ts';

/** Debian's armhf kernel and a static busybox, unpacked: what QEMU's `virt` board boots a guest with. */
export interface GuestKernel {
  /** As `uname -r` has it: `6.1.0-50-armmp`. */
  readonly version: string;
  readonly kernelPath: string;
  /** `lib/modules/VERSION`, with modules.dep. */
  readonly modulesDir: string;
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
    if (kernel === undefined || busybox === undefined)
      throw new ToolFailedError('apt-get download fell short');
    const key = `${kernel.sha256.slice(0, 16)}-${busybox.sha256.slice(0, 16)}`;
    const version = name.replace('linux-image-', '');
    const { path } = await cached(context, 'guest-kernels', key, async (folder) => {
      const unpacked = join(folder, 'unpacked');
      await mkdir(unpacked);
      await context.exec(['dpkg-deb', '-x', kernel.path, unpacked]);
      await context.exec(['dpkg-deb', '-x', busybox.path, unpacked]);
      await context.exec(['depmod', '-b', unpacked, version]);
      await rename(join(unpacked, 'boot', `vmlinuz-${version}`), join(folder, 'vmlinuz'));
    });
    return {
      version,
      kernelPath: join(path, 'vmlinuz'),
      modulesDir: join(path, 'unpacked/lib/modules', version),
      busyboxPath: await findBusybox(join(path, 'unpacked')),
    };
  });
}

/**
 * The module files to load for the named modules, in order, relative to `modulesDir`. What is built into
 * the kernel is left out.
 */
export async function orderGuestModules(kernel: GuestKernel, names: readonly string[]): Promise<string[]> {
  return orderModules(await readFile(join(kernel.modulesDir, 'modules.dep'), 'utf8'), names);
}

async function findBusybox(root: string): Promise<string> {
  // In /bin until Debian 12, in /usr/bin from 13 on.
  const inBin = (await readdir(join(root, 'bin')).catch(() => [] as string[])).includes('busybox');
  return join(root, inBin ? 'bin' : 'usr/bin', 'busybox');
}
