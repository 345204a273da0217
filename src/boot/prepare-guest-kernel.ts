import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { ToolFailedError } from '../core/errors.ts';
import type { Architecture } from '../core/model.ts';
import { replaceYields } from '../formats/arm64-kernel.ts';
import { cached } from '../host/cache.ts';
import { runApt, withApt } from '../tools/debian/apt.ts';
import { downloadPackages } from '../tools/debian/apt-packages.ts';
import { runDepmod } from '../tools/kmod.ts';

/** A Debian kernel and a static busybox, unpacked: what QEMU's `virt` board boots a guest with. */
export interface GuestKernel {
  readonly architecture: Architecture;
  /** As `uname -r` has it: `6.1.0-50-armmp`. */
  readonly version: string;
  readonly kernelPath: string;
  /** Holds `lib/modules/VERSION`, indexed by depmod. */
  readonly rootDir: string;
  readonly busyboxPath: string;
}

/** One kernel for each architecture, whatever release the image is: its user land needs only an equal or older one. */
const SOURCES = {
  armhf: { codename: 'bookworm', metaPackage: 'linux-image-armmp' },
  arm64: { codename: 'trixie', metaPackage: 'linux-image-arm64' },
} as const;

/**
 * Fetches the kernel that `linux-image-armmp` or `linux-image-arm64` stands for today, and busybox-static; both are
 * unpacked and never installed. From the cache when it is there.
 * @throws NetworkError when the mirror cannot be reached, ToolMissingError without dpkg-deb or depmod.
 */
export async function prepareGuestKernel(
  context: Context,
  architecture: Architecture = 'armhf',
): Promise<GuestKernel> {
  const { codename, metaPackage } = SOURCES[architecture];
  return withApt(context, { architecture, codename, components: ['main'] }, async (apt) => {
    const depends = await runApt(apt, ['apt-cache', 'depends', '--important', metaPackage]);
    const name = /^\s*Depends: (linux-image-\S+)$/m.exec(depends)?.[1];
    if (name === undefined) {
      throw new ToolFailedError(`apt-cache names no kernel for ${metaPackage}`, { detail: depends });
    }
    const [kernel, busybox] = await downloadPackages(apt, [name, 'busybox-static']);
    if (kernel === undefined || busybox === undefined) {
      throw new ToolFailedError('apt-get download fell short');
    }
    const key = `${kernel.sha256.slice(0, 16)}-${busybox.sha256.slice(0, 16)}`;
    const version = name.replace('linux-image-', '');
    const { path } = await cached(context, 'guest-kernels', key, async (folder) => {
      for (const entry of [kernel, busybox]) await context.exec(['dpkg-deb', '-x', entry.path, folder]);
      // Debian 13's packages have no /lib: that is a symlink of the system's own.
      if (!(await readdir(folder)).includes('lib')) await symlink('usr/lib', join(folder, 'lib'));
      await runDepmod(context, folder, version);
      if (architecture === 'arm64') {
        const kernelPath = join(folder, 'boot', `vmlinuz-${version}`);
        await writeFile(kernelPath, replaceYields(await readFile(kernelPath)));
      }
    });
    return {
      architecture,
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
