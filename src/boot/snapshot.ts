import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../core/context.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { formatSeconds } from '../formats/units.ts';
import { boundSection } from '../host/bound-section.ts';
import { cached } from '../host/cache.ts';
import { hashFile } from '../tools/files/hash.ts';
import { type QemuMachine, qemuArgv } from '../tools/qemu.ts';
import type { BootRequest } from './boot-request.ts';
import { formatSnapshotLine } from './kernel-words.ts';
import { SNAPSHOT_FILES, type Snapshot } from './snapshot-files.ts';

const SECTION = 'snapshots';
/** About eight snapshots of a small image. */
const MAX_BYTES = 4 * 1024 ** 3;
/** Changes whenever a snapshot of before is not to be used. */
const FORMAT = 1;

const timesSchema = z.object({
  elapsedMs: z.number().nonnegative(),
  console: z.array(z.number()),
  probe: z.array(z.number()),
});

/**
 * The snapshot of an image, taken now unless the cache has one of the same image, kernel, initramfs, machine and QEMU.
 * @param take boots the image and fills a folder with the files
 * @returns undefined, after a line that says why, where the guest cannot be brought to a snapshot
 * @throws InterruptedError when the run is stopped, TooBusyError when the host is too busy for a boot
 */
export async function findSnapshot(
  context: Context,
  disk: Disk,
  boot: BootRequest,
  take: (folder: string) => Promise<void>,
): Promise<Snapshot | undefined> {
  const done = context.report.step('Snapshot');
  try {
    const key = await makeKey(context, disk, boot);
    const { path, hit } = await cached(context, SECTION, key, take);
    await boundSection(context.cacheDir, SECTION, { maxBytes: MAX_BYTES });
    const file = (name: keyof typeof SNAPSHOT_FILES) => join(path, SNAPSHOT_FILES[name]);
    const times = timesSchema.parse(JSON.parse(await readFile(file('times'), 'utf8')));
    done(`${formatSeconds(times.elapsedMs)} after power-on${hit ? ', cached' : ''}`);
    return {
      diskPath: file('disk'),
      statePath: file('state'),
      consolePath: file('console'),
      probePath: file('probe'),
      times,
    };
  } catch (error) {
    if (context.signal.aborted) throw new InterruptedError('interrupted');
    if (!(error instanceof ToolFailedError)) throw error;
    done('none');
    context.report.info(`the image boots whole: ${error.message}`);
    return undefined;
  }
}

/** The machine of a snapshot. Modems are plugged into it later; a scenario that looks at an LED needs the keyboard's. */
export function describeSnapshotMachine(
  { kernel, initrdPath, commandLine, rootPartition, setup }: BootRequest,
  paths: Pick<QemuMachine, 'diskPath' | 'consolePath' | 'probePath' | 'qmpSocket'>,
): QemuMachine {
  return {
    architecture: kernel.architecture,
    kernelPath: kernel.kernelPath,
    initrdPath,
    append: formatSnapshotLine(commandLine, rootPartition, setup.stack),
    keyboard: true,
    ...paths,
  };
}

/** The hash of all that a guest depends on before its modem comes. */
async function makeKey(context: Context, disk: Disk, boot: BootRequest): Promise<string> {
  const paths = { diskPath: 'disk', consolePath: 'console', probePath: 'probe', qmpSocket: 'qmp' };
  const { kernelPath, rootDir } = boot.kernel;
  // The entries of the cache are named by the hashes of what they are made from.
  const initrd = basename(dirname(boot.initrdPath));
  const kernel = join(basename(rootDir), basename(kernelPath));
  const machine = qemuArgv(describeSnapshotMachine(boot, paths)).map((word) =>
    word === kernelPath ? kernel : word === boot.initrdPath ? initrd : word,
  );
  const { stdout } = await context.exec([machine[0] ?? '', '--version']);
  const image = await hashFile(disk.path, context.signal);
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, image, machine, stdout]))
    .digest('hex')
    .slice(0, 32);
}
