import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endAfterShutdown } from '../../src/boot/guest-clock.ts';
import type { GuestKernel } from '../../src/boot/prepare-guest-kernel.ts';
import type { Context } from '../../src/core/context.ts';
import { formatNewc, type NewcEntry } from '../../src/formats/newc.ts';
import type { Clock } from '../../src/modem/clock.ts';
import { type ProcessEnd, startProcess } from '../../src/tools/exec.ts';
import { resolveModules } from '../../src/tools/kmod.ts';
import { GUEST_CLOCK_WORDS, qemuArgv } from '../../src/tools/qemu.ts';

/** The content of a small guest: busybox, the drivers of the modem, and the test's additions. */
export interface SmallGuest {
  /** Shell script run as root; busybox's programs are there. Its exit code is the guest's. */
  readonly script: string;
  /** Folders whose contents are laid over the root, in order: the image's own files. */
  readonly trees: readonly string[];
  /** The emulated modem to plug in. */
  readonly modemSocket?: string;
  /** The socket of its clock (`startGuestClock`), the clock, which the modem follows too, and the guest's end. */
  readonly qmpSocket: string;
  readonly clock: Clock;
  readonly shutDown: Promise<void>;
  /** Of the guest's time. */
  readonly timeoutMs: number;
}

/** How it ended. `exitCode` is undefined when the script never came to its end. */
export interface SmallGuestEnd {
  readonly console: string;
  readonly exitCode: number | undefined;
  readonly guestMs: number;
}

/** A host whose guest gets no processor for this long is too busy for these tests. */
const MAX_WALL_MS = 3_600_000;

const MODULES = ['xhci-pci', 'option', 'qmi_wwan', 'cdc_mbim', 'usb-storage', 'sr_mod', 'sd_mod', 'isofs'];

/** The context with wwanpi's own cache, for what is too large to fetch for every test. */
export function withSharedCache(context: Context): Context {
  const cacheHome = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return { ...context, cacheDir: join(cacheHome, 'wwanpi') };
}

/** Boots, runs the script and powers off; QEMU is gone when this returns, whatever happened. */
export async function runSmallGuest(
  context: Context,
  kernel: GuestKernel,
  guest: SmallGuest,
): Promise<SmallGuestEnd> {
  const initrdPath = join(context.tmpDir, 'initrd.cpio');
  const consolePath = join(context.tmpDir, 'console.log');
  await writeFile(initrdPath, await createInitramfs(context, kernel, guest));
  const qemu = startProcess(
    qemuArgv({
      architecture: kernel.architecture,
      kernelPath: kernel.kernelPath,
      initrdPath,
      append: ['console=ttyAMA0', 'net.ifnames=0', 'quiet', 'panic=-1', ...GUEST_CLOCK_WORDS].join(' '),
      ...(guest.modemSocket === undefined ? {} : { modemSocket: guest.modemSocket }),
      consolePath,
      probePath: join(context.tmpDir, 'probe.log'),
      qmpSocket: guest.qmpSocket,
    }),
    { signal: context.signal },
  );
  void endAfterShutdown(qemu, guest.shutDown);
  let end: ProcessEnd | undefined;
  void qemu.exited.then((how) => {
    end = how;
  });
  const lastMs = performance.now() + MAX_WALL_MS;
  while (end === undefined && guest.clock.now() < guest.timeoutMs && performance.now() < lastMs) {
    await sleep(50);
  }
  await qemu.stop();
  const text = await readFile(consolePath, 'latin1').catch(() => '');
  const console = `${text.replaceAll('\r', '')}${end?.stderr ?? ''}`;
  const code = /^=== END (\d+)$/m.exec(console)?.[1];
  return { console, exitCode: code === undefined ? undefined : Number(code), guestMs: guest.clock.now() };
}

async function createInitramfs(
  context: Context,
  kernel: GuestKernel,
  guest: SmallGuest,
): Promise<Uint8Array> {
  const entries = new Map<string, NewcEntry>();
  const put = (entry: NewcEntry) => entries.set(entry.path, entry);
  const file = (path: string, content: string | Uint8Array) =>
    put({ kind: 'file', path, mode: 0o755, content: Buffer.from(content) });
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
  for (const path of folders) put({ kind: 'directory', path, mode: 0o755 });
  for (const tree of guest.trees) await addTree(put, tree, '');
  file('bin/busybox', await readFile(kernel.busyboxPath));
  put({ kind: 'symlink', path: 'bin/sh', target: 'busybox' });
  const order = await resolveModules(context, kernel.rootDir, kernel.version, MODULES);
  const names = order.map((path) => `/modules/${path.split('/').at(-1)}`);
  for (const [at, path] of order.entries()) {
    file(String(names[at]).slice(1), await readFile(join(kernel.rootDir, path)));
  }
  file('init', initScript(names));
  file('test.sh', guest.script);
  return formatNewc([...entries.values()], 0);
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

async function addTree(put: (entry: NewcEntry) => void, root: string, folder: string): Promise<void> {
  for (const each of (await readdir(join(root, folder), { withFileTypes: true })).sort(byName)) {
    const path = folder === '' ? each.name : `${folder}/${each.name}`;
    const full = join(root, path);
    const mode = (await lstat(full)).mode & 0o7777;
    if (each.isSymbolicLink()) put({ kind: 'symlink', path, target: await readlink(full) });
    else if (each.isFile()) put({ kind: 'file', path, mode, content: await readFile(full) });
    else if (each.isDirectory()) {
      put({ kind: 'directory', path, mode });
      await addTree(put, root, path);
    }
  }
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
