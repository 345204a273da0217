import { AppError, DeviceError, InputError } from '../core/errors.ts';
import { formatBytes } from '../formats/units.ts';
import type { Target } from '../tools/disk/block-device.ts';

const GONE = ['ENODEV', 'ENXIO', 'ENOMEDIUM', 'ESHUTDOWN'];

/** Turns a failed read or write into an error that says what happened to the card. Returns other errors unchanged. */
export function toDeviceError(
  error: unknown,
  target: Pick<Target, 'path' | 'sizeBytes' | 'isDevice'>,
  what: 'write to' | 'read back',
  offsetBytes: number,
): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  const where = `at ${formatBytes(offsetBytes)} (byte ${offsetBytes})`;
  if ((code === 'ENOSPC' || code === 'EDQUOT') && !target.isDevice) {
    return new DeviceError(`cannot ${what} ${target.path} ${where}: no space left on the disk it is on`, {
      hint: `make room there: the file may grow to its ${formatBytes(target.sizeBytes)}`,
      cause: error,
    });
  }
  if (code === 'ENOSPC') return endedAt(target, offsetBytes);
  if (GONE.includes(code)) {
    return new DeviceError(`${target.path} is gone: pulled out ${where}?`, { cause: error });
  }
  if (code === 'EROFS' || code === 'EPERM') {
    return new DeviceError(`cannot ${what} ${target.path} ${where}: it became read-only`, {
      hint: "look at the card's write-protect switch; a worn-out card makes itself read-only",
      cause: error,
    });
  }
  return new DeviceError(`cannot ${what} ${target.path} ${where}: ${describeCode(code)}`, {
    hint: 'reinsert the card and the reader, or use another card: this one may be worn out',
    cause: error,
  });
}

/** The error of a read or write that ended early. */
export function endedAt(
  { path, sizeBytes }: Pick<Target, 'path' | 'sizeBytes'>,
  offsetBytes: number,
): DeviceError {
  return new DeviceError(
    `the card in ${path} ended at ${formatBytes(offsetBytes)} (byte ${offsetBytes}) of the ${formatBytes(sizeBytes)} it claims: a fake capacity, or it was pulled out`,
    { hint: 'use another card' },
  );
}

/** Why a device could not be opened for writing. */
export function toOpenError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') {
    return new InputError(`no permission to write to ${path}`, {
      hint: 'run it with sudo, or as a member of the group that owns the device (ls -l shows it; often disk)',
    });
  }
  if (code === 'EBUSY') {
    return new InputError(`${path} is in use: mounted, or held by RAID, LVM, encryption or another program`, {
      hint: `find what uses it: lsblk ${path}, lsof ${path}`,
    });
  }
  if (code === 'EROFS') {
    return new InputError(`${path} is read-only`, { hint: "look at the card's write-protect switch" });
  }
  if (code === 'ENOENT') return new InputError(`${path} does not exist`);
  if (code !== undefined && [...GONE, 'EIO'].includes(code)) {
    return new InputError(`${path} cannot be opened: ${describeCode(code)}; is a card in it?`);
  }
  return error;
}

function describeCode(code: string): string {
  return code === 'EIO' || code === 'EREMOTEIO' ? `input/output error (${code})` : code;
}
