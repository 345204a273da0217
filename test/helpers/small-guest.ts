import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../src/context.ts';
import { type CpioEntry, encodeCpio } from '../../src/formats/cpio.ts';
import { type GuestKernel, orderGuestModules } from '../../src/steps/prepare-guest-kernel.ts';
import { withApt } from '../../src/tools/apt.ts';
import { downloadPackages, resolvePackages } from '../../src/tools/apt-packages.ts';
import { startProcess } from '../../src/tools/exec.ts';
import { qemuArgv } from '../../src/tools/qemu.ts';

/** What runs in a small guest: busybox, the drivers of the stick, and what the test adds. */
export interface SmallGuest {
  /** Shell script run as root; busybox's programs are there. Its exit code is the guest's. */
  readonly script: string;
  /** Folders whose contents are laid over the root, in order: unpacked packages, the image's own files. */
  readonly trees: readonly string[];
  /** Emulated stick to plug in. */
  readonly modemSocket?: string;
  readonly timeoutMs: number;
}

/** How it ended. `exitCode` is undefined when the script never came to its end. */
export interface SmallGuestEnd {
  readonly console: string;
  readonly exitCode: number | undefined;
  readonly wallMs: number;
}

const MODULES = ['xhci-pci', 'option', 'qmi_wwan', 'usb-storage', 'sr_mod', 'sd_mod', 'isofs'];

/** The context with wwanpi's own cache, for what is too large to fetch for every test. */
export function withSharedCache(context: Context): Context {
  const cacheHome = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return { ...context, cacheDir: join(cacheHome, 'wwanpi') };
}

/** Debian armhf packages with all they depend on, unpacked into one folder. */
export async function unpackPackages(
  context: Context,
  names: readonly string[],
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const options = { architecture: 'armhf', codename: 'bookworm', components: ['main'] };
  const packages = await withApt(context, options, async (apt) => {
    const wanted = (await resolvePackages(apt, names)).map(({ name, version }) => `${name}=${version}`);
    return downloadPackages(apt, wanted);
  });
  for (const { path } of packages) await context.exec(['dpkg-deb', '-x', path, folder]);
  return folder;
}

/** Boots, runs the script and powers off; QEMU is gone when this returns, whatever happened. */
export async function runSmallGuest(
  context: Context,
  kernel: GuestKernel,
  guest: SmallGuest,
): Promise<SmallGuestEnd> {
  const initrdPath = join(context.tmpDir, 'initrd.cpio');
  const consolePath = join(context.tmpDir, 'console.log');
  await writeFile(initrdPath, await createInitramfs(kernel, guest));
  const start = Date.now();
  const qemu = startProcess(
    qemuArgv({
      kernelPath: kernel.kernelPath,
      initrdPath,
      append: 'console=ttyAMA0 net.ifnames=0 quiet panic=-1',
      ...(guest.modemSocket === undefined ? {} : { modemSocket: guest.modemSocket }),
      ethernet: false,
      consolePath,
      probePath: join(context.tmpDir, 'probe.log'),
    }),
    { signal: context.signal },
  );
  const timer = new AbortController();
  const timeout = sleep(guest.timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  const end = await Promise.race([qemu.exited, timeout]);
  timer.abort();
  await qemu.stop();
  const text = await readFile(consolePath, 'latin1').catch(() => '');
  const console = `${text.replaceAll('\r', '')}${end?.stderr ?? ''}`;
  const code = /^=== END (\d+)$/m.exec(console)?.[1];
  return { console, exitCode: code === undefined ? undefined : Number(code), wallMs: Date.now() - start };
}

async function createInitramfs(kernel: GuestKernel, guest: SmallGuest): Promise<Buffer> {
  const entries = new Map<string, CpioEntry>();
  const put = (path: string, mode: number, data?: Uint8Array) =>
    entries.set(path, data === undefined ? { path, mode } : { path, mode, data });
  const folders = [
    'bin',
    'dev',
    'etc',
    'lib',
    'modules',
    'mnt',
    'proc',
    'sbin',
    'sys',
    'tmp',
    'usr',
    'usr/bin',
    'usr/sbin',
    'usr/lib',
  ];
  for (const folder of folders) put(folder, 0o040755);
  for (const tree of guest.trees) await addTree(put, tree, '');
  put('bin/busybox', 0o100755, await readFile(kernel.busyboxPath));
  put('bin/sh', 0o120777, Buffer.from('busybox'));
  const order = await orderGuestModules(kernel, MODULES);
  const names = order.map((path) => `/modules/${path.split('/').at(-1)}`);
  for (const [at, path] of order.entries()) {
    put(String(names[at]).slice(1), 0o100644, await readFile(join(kernel.modulesDir, path)));
  }
  put('init', 0o100755, Buffer.from(initScript(names)));
  put('test.sh', 0o100755, Buffer.from(guest.script));
  return encodeCpio([...entries.values()]);
}

function initScript(modules: readonly string[]): string {
  return [
    '#!/bin/sh',
    'export PATH=/usr/bin:/bin:/usr/sbin:/sbin',
    '/bin/busybox mount -t proc proc /proc',
    '/bin/busybox --install -s /bin',
    'mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; ip link set lo up',
    // crct10dif-arm-ce refuses a processor without the instructions: not needed.
    `for module in ${modules.join(' ')}; do insmod $module 2>/dev/null; done`,
    'sh /test.sh; code=$?; echo; echo "=== END $code"',
    'poweroff -f',
    '',
  ].join('\n');
}

async function addTree(
  put: (path: string, mode: number, data?: Uint8Array) => void,
  root: string,
  folder: string,
): Promise<void> {
  for (const name of (await readdir(join(root, folder))).sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    // Manual pages and translations only make the guest slower to unpack.
    if (/^usr\/share\/(doc|man|locale|bash-completion)$/.test(path)) continue;
    const full = join(root, path);
    const { mode } = await lstat(full);
    if ((mode & 0o170000) === 0o120000) put(path, 0o120777, Buffer.from(await readlink(full)));
    else if ((mode & 0o170000) === 0o040000) {
      put(path, mode);
      await addTree(put, root, path);
    } else put(path, mode, await readFile(full));
  }
}
