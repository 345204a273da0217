import { access, constants, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Context } from '../core/context.ts';
import { InputError, InterruptedError } from '../core/errors.ts';
import { formatSudoCommand } from '../core/package.ts';
import { explainUnfitDisks, findFitDisks, flatten } from '../flash/evaluate-device.ts';
import { formatMajorMinor } from '../tools/disk/block-device.ts';
import { type BlockDevice, listBlockDevices } from '../tools/disk/lsblk.ts';
import { formatArgv } from '../tools/exec.ts';
import { canAsk } from './ask.ts';

const LOOK_EVERY_MS = 1000;
const WAIT_MINUTES = 15;

/**
 * The removable drives that can take an image of this size, at least one. On a terminal it waits until one is plugged
 * in, and says why those that are there cannot take the image.
 * @throws InputError when none comes, there is no terminal, or the user may not write to drives; InterruptedError
 */
export async function findDrives(
  context: Context,
  imageBytes: number | undefined,
): Promise<readonly BlockDevice[]> {
  const systemNumbers = await findSystemNumbers();
  const look = async () => {
    const devices = await listBlockDevices(context.exec);
    const drives = findFitDisks(devices, imageBytes, systemNumbers);
    return { devices, drives, reasons: explainUnfitDisks(devices, imageBytes, systemNumbers) };
  };
  const { devices, drives, reasons } = await look();
  if (drives.length > 0) return drives;
  if (!canAsk()) {
    throw new InputError(['no removable drive can take the image', ...reasons].join('\n'), {
      hint: 'plug a card in, or name the device to see why it is not offered: wwanpi flash IMAGE /dev/sdX',
    });
  }
  await assertMayWrite(devices.flatMap(flatten));
  return waitForDrive(context, look);
}

/** The error of a user who may not write to a device, with the command that may. */
export function toDenied(path: string): InputError {
  const command = formatArgv(formatSudoCommand(process.argv.slice(2)));
  return new InputError(`no permission to write to ${path}`, { hint: command });
}

/** Whether this user may write to a device, as far as its mode says. */
export async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Finds the devices with the running system's folders, for containers, where lsblk shows no mounts. */
export async function findSystemNumbers(): Promise<string[]> {
  const folders = ['/', '/boot', '/usr', '/var', '/home'];
  const found = await Promise.all(folders.map((path) => stat(path).catch(() => undefined)));
  return found.flatMap((stats) => (stats === undefined ? [] : [formatMajorMinor(stats.dev)]));
}

/** Nobody should plug a card in only to learn that sudo is missing: the disks that are there show it. */
async function assertMayWrite(devices: readonly BlockDevice[]): Promise<void> {
  const [first] = devices;
  if (first === undefined || process.geteuid?.() === 0) return;
  const writable = await Promise.all(devices.map(({ path }) => isWritable(path)));
  if (!writable.includes(true)) throw toDenied('cards');
}

async function waitForDrive(
  context: Context,
  look: () => Promise<{ drives: readonly BlockDevice[]; reasons: readonly string[] }>,
): Promise<readonly BlockDevice[]> {
  const waiting = context.report.waiting();
  const told = new Set<string>();
  const endMs = performance.now() + WAIT_MINUTES * 60_000;
  const pause = () =>
    setTimeout(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => {
      throw new InterruptedError('interrupted; nothing was written');
    });
  try {
    while (performance.now() < endMs) {
      const { drives, reasons } = await look();
      if (drives.length > 0) {
        // Its partitions are only being read, and a desktop may mount it: what is listed now may not last.
        await pause();
        const settled = await look();
        if (settled.drives.length > 0) return settled.drives;
      }
      for (const reason of reasons.filter((each) => !told.has(each))) {
        told.add(reason);
        context.report.info(reason);
      }
      waiting.update('plug the card in; Ctrl-C ends', { event: 'waiting', what: 'card' });
      await pause();
    }
  } finally {
    waiting.done();
  }
  throw new InputError(`no card that can take the image was plugged in within ${WAIT_MINUTES} minutes`);
}
