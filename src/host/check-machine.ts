import { readFile, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import type { Context } from '../core/context.ts';
import { ToolMissingError } from '../core/errors.ts';
import type { Architecture } from '../core/model.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes } from '../formats/units.ts';
import { canRunArmPrograms } from '../tools/binfmt.ts';

/** One thing that wwanpi needs of a machine, besides programs. None of them keeps every command from working. */
export interface MachineCheck {
  /** One word: `disk`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found, in words. */
  readonly found: string;
  /** What to do about it if it is not ok. */
  readonly hint?: string | undefined;
}

/** The first image of a base needs about 3 GB (docs/how-to/install.md), most of it in the cache. */
const ENOUGH_DISK_BYTES = 3e9;
/** Building a Debian base takes 2 GB among the temporary files. */
const ENOUGH_TMP_BYTES = 2e9;
/** A boot test's machine has 1 GiB; QEMU itself needs some more. */
const ENOUGH_MEMORY_BYTES = 1.3e9;
const SUDO_TIMEOUT_MS = 20_000;

/** Checks disk, memory, the way to run programs of the Pi, and the way to root. Nothing on the machine changes. */
export async function checkMachine(context: Context): Promise<MachineCheck[]> {
  return Promise.all([
    checkDisk(
      'disk',
      context.cacheDir,
      ENOUGH_DISK_BYTES,
      '--cache-dir or XDG_CACHE_HOME name another place',
    ),
    checkDisk('temp', dirname(context.tmpDir), ENOUGH_TMP_BYTES, 'TMPDIR names another place'),
    checkMemory(),
    checkArmPrograms(context, 'armhf'),
    checkArmPrograms(context, 'arm64'),
    checkRoot(context),
  ]);
}

async function checkDisk(
  name: string,
  folder: string,
  enoughBytes: number,
  hint: string,
): Promise<MachineCheck> {
  const { bavail, bsize } = await statfs(await findExisting(folder));
  const freeBytes = bavail * bsize;
  const ok = freeBytes >= enoughBytes;
  const found = `${formatBytes(freeBytes)} free in ${printable(folder)}`;
  return { name, ok, found, hint: ok ? undefined : `${formatBytes(enoughBytes)} are better; ${hint}` };
}

/** The folder, or the nearest one above it that exists. */
async function findExisting(folder: string): Promise<string> {
  const exists = await statfs(folder).then(
    () => true,
    () => false,
  );
  return exists || dirname(folder) === folder ? folder : findExisting(dirname(folder));
}

/** MemAvailable counts what the kernel would give up, too (proc(5)). */
async function checkMemory(): Promise<MachineCheck> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  const bytes = kib === undefined ? freemem() : Number(kib) * 1024;
  const ok = bytes >= ENOUGH_MEMORY_BYTES;
  const hint = ok ? undefined : `a boot test needs ${formatBytes(ENOUGH_MEMORY_BYTES)}`;
  return { name: 'memory', ok, found: `${formatBytes(bytes)} available`, hint };
}

async function checkArmPrograms(context: Context, name: Architecture): Promise<MachineCheck> {
  const bits = name === 'armhf' ? 32 : 64;
  try {
    if (await canRunArmPrograms(context, name))
      return { name, ok: true, found: `a Pi's ${bits}-bit programs run here` };
  } catch (error) {
    // Without arch-test it cannot be tried; the list of programs names it.
    if (!(error instanceof ToolMissingError)) throw error;
  }
  return {
    ...{ name, ok: false },
    found: `a Pi's ${bits}-bit programs do not run here, as the bases debian-… need it`,
    hint: 'apt-get install qemu-user-static binfmt-support',
  };
}

/** Asks sudo nothing but its version: a try would be logged, and mailed to root on some machines. */
async function checkRoot(context: Context): Promise<MachineCheck> {
  const name = 'root';
  if (process.getuid?.() === 0) return { name, ok: true, found: 'wwanpi runs as root' };
  try {
    await context.exec(['sudo', '--version'], { timeoutMs: SUDO_TIMEOUT_MS });
    return { name, ok: true, found: 'sudo is installed, for flash and the bases debian-…' };
  } catch (error) {
    if (!(error instanceof ToolMissingError)) throw error;
    const hint = 'flash and the bases debian-… need root: log in as root for them, or install sudo';
    return { name, ok: false, found: 'no sudo', hint };
  }
}
