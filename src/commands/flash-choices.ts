import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Context } from '../core/context.ts';
import { explainFileError, InputError } from '../core/errors.ts';
import { describeContents, describeDevice, formatDevices } from '../flash/describe-device.ts';
import { toOpenError } from '../flash/device-error.ts';
import { evaluateDevice, findDevice, findFitDisks } from '../flash/evaluate-device.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes } from '../formats/units.ts';
import { listBlockDevices } from '../tools/disk/lsblk.ts';
import { askLine, canAsk } from './ask.ts';
import { findDrives, findSystemNumbers, isWritable, toDenied } from './find-drives.ts';

/** A device, or a file, to write to. */
export interface FlashTarget {
  /** The device node, after following symlinks. */
  readonly path: string;
  /** Vendor, model, size. */
  readonly description: string;
  readonly contents: string;
}

/**
 * Checks whether the named device (or file, with --force) may be written to.
 * @throws InputError with every reason against it
 */
export async function checkTarget(
  context: Context,
  named: string,
  imageBytes: number | undefined,
  force: boolean,
): Promise<FlashTarget> {
  const path = await realpath(named).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new InputError(`cannot look at ${named}: ${explainFileError(error)}`);
  });
  const devices = await listBlockDevices(context.exec);
  if (path === undefined) {
    const drives = findFitDisks(devices, imageBytes, await findSystemNumbers());
    throw new InputError(`${named} does not exist`, { hint: listDrives(drives) });
  }
  const stats = await stat(path);
  if (stats.isFile()) return lookAtFile(path, stats.size, imageBytes, force);
  if (!stats.isBlockDevice()) throw new InputError(`${path} is not a disk`);
  const { refusals, objections } = evaluateDevice(path, devices, imageBytes, await findSystemNumbers());
  const faults = [...refusals, ...(force ? [] : objections)];
  if (faults.length > 0) {
    throw new InputError(faults.join('\n'), {
      hint:
        refusals.length > 0
          ? 'nothing was written'
          : 'use --force to write to it anyway; make sure it is the right disk',
    });
  }
  await access(path, constants.R_OK | constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EACCES' ? toDenied(path) : toOpenError(error, path);
  });
  const device = findDevice(path, devices)?.device;
  return device === undefined
    ? { path, description: '', contents: '' }
    : { path, description: describeDevice(device), contents: describeContents(device) };
}

/**
 * Lists the removable drives and asks for the name of one. Typing the name also confirms. On a terminal it waits until
 * there is one.
 * @throws InputError when there is no drive, no terminal, no right to write, or the answer is not in the list
 */
export async function chooseDevice(
  context: Context,
  imagePath: string,
  imageBytes: number | undefined,
): Promise<FlashTarget> {
  const drives = await findDrives(context, imageBytes);
  if (!canAsk()) {
    throw new InputError('no device is named', {
      hint: `${listDrives(drives)}name one: wwanpi flash ${imagePath} ${drives[0]?.path ?? '/dev/sdX'} --yes`,
    });
  }
  const writable = await Promise.all(drives.map(({ path }) => isWritable(path)));
  if (!writable.includes(true)) throw toDenied(drives[0]?.path ?? '');
  context.report.info(`Removable drives:\n${formatDevices(drives).trimEnd()}`);
  const names = drives.map(({ path }) => basename(path));
  const typed = await askLine(
    `    What is on it will be lost. Type its name to write to it (${names.join(', ')}): `,
    context.signal,
  );
  const drive = drives.find(({ path }) => typed === path || typed === basename(path));
  if (drive === undefined)
    throw new InputError(`"${printable(typed)}" is not in the list; nothing was written`);
  return { path: drive.path, description: describeDevice(drive), contents: describeContents(drive) };
}

function lookAtFile(
  path: string,
  sizeBytes: number,
  imageBytes: number | undefined,
  force: boolean,
): FlashTarget {
  if (!force) {
    throw new InputError(`${path} is a file, not a device`, {
      hint: 'use --force to write to it as to a card',
    });
  }
  if (imageBytes !== undefined && sizeBytes < imageBytes) {
    throw new InputError(
      `${path} holds ${formatBytes(sizeBytes)} (${sizeBytes} bytes); the image needs ${formatBytes(imageBytes)} (${imageBytes} bytes)`,
      { hint: `truncate -s ${imageBytes} ${path}` },
    );
  }
  return { path, description: `a file of ${formatBytes(sizeBytes)}`, contents: 'not inspected' };
}

function listDrives(drives: Parameters<typeof formatDevices>[0]): string {
  return drives.length === 0
    ? 'no removable drive is plugged in'
    : `removable drives:\n${formatDevices(drives)}`;
}
