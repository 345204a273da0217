import { getExitCode } from './exit-codes.ts';

/**
 * The errors a user can meet: one class for each thing the user can do about them. The class decides the exit
 * code. Only `cli.ts` prints errors and sets the exit code.
 */

/** Base of every expected failure: what happened, why, and what to do about it. */
export abstract class AppError extends Error {
  /** Process exit code, stable across releases (exit-codes.ts). */
  abstract readonly exitCode: number;
  /** What the user can do; a command to type, if there is one. */
  readonly hint: string | undefined;
  /** Full output or other detail, printed last. */
  readonly detail: string | undefined;

  constructor(message: string, options: { hint?: string; detail?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    this.detail = options.detail;
  }
}

/** A flag, the recipe or the base image is not usable. Nothing was touched. */
export class InputError extends AppError {
  readonly exitCode = getExitCode('input');
}

/** Some images of a fleet failed; the others are done. The exit code is that of the first that failed. */
export class FleetError extends AppError {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options: { hint?: string; detail?: string } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A program this step needs is not on the host. */
export class ToolMissingError extends AppError {
  readonly exitCode = getExitCode('tool-missing');
}

/** A program on the host ran and failed. */
export class ToolFailedError extends AppError {
  readonly exitCode = getExitCode('tool-failed');
}

/** A disk or card failed while an image was written to it or read back. */
export class DeviceError extends AppError {
  readonly exitCode = getExitCode('tool-failed');
}

/** A disk of this machine is full or read-only: no option is wrong, and the work may have been under way. */
export class DiskError extends AppError {
  readonly exitCode = getExitCode('tool-failed');
}

/** A check of something fetched, written or built failed. */
export class VerificationError extends AppError {
  readonly exitCode = getExitCode('verification');
}

/** libqmi did not compile for the target, or the result does not fit the target. */
export class CompileError extends AppError {
  readonly exitCode = getExitCode('compile');
}

/** The image did not boot, or did not come online as it should. */
export class BootTestError extends AppError {
  readonly exitCode = getExitCode('boot-test');
}

/** The machine was too busy for a boot test to come to a verdict. It says nothing about the image. */
export class TooBusyError extends AppError {
  readonly exitCode = getExitCode('too-busy');
}

/** Something could not be fetched from, or sent to, the network. */
export class NetworkError extends AppError {
  readonly exitCode = getExitCode('network');
}

/** wwanpi failed inside a container and printed its error there; its exit code is passed on. */
export class ContainerError extends AppError {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options: { hint?: string } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A broken assumption inside wwanpi itself. */
export class BugError extends AppError {
  readonly exitCode = getExitCode('bug');
}

/** The user, or a signal, stopped the run. */
export class InterruptedError extends AppError {
  readonly exitCode = getExitCode('interrupted');
}

/**
 * Turns an error of the file system (Node's ErrnoException) into one the user can do something about; undefined
 * for any other error, which is a bug.
 */
export function fromSystemError(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const what = path === undefined ? `cannot ${syscall ?? 'write'} a file` : `cannot write ${path}`;
  if (isDiskFull(error)) {
    return new DiskError(`${what}: no space left on the disk`, { hint: NO_SPACE_HINT, cause: error });
  }
  if (code === 'EROFS') {
    return new DiskError(`${what}: the disk is read-only`, { hint: OTHER_FOLDER_HINT, cause: error });
  }
  if (code === 'ENOENT' && syscall === 'mkdir') {
    // Node 20 reports this for a recursive mkdir on a read-only disk.
    return new DiskError(`cannot make ${path}`, { hint: OTHER_FOLDER_HINT, cause: error });
  }
  if (code === 'EEXIST' && syscall === 'mkdir') {
    return new InputError(`cannot make the folder ${path}: a file of that name is there`, {
      hint: OTHER_FOLDER_HINT,
      cause: error,
    });
  }
  if (code === 'ENAMETOOLONG') {
    return new InputError(`cannot use ${path}: the name is too long`, { cause: error });
  }
  if (code === 'EISDIR') return new InputError(`${what}: it is a folder`, { cause: error });
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR') {
    const why = code === 'ENOTDIR' ? 'part of that path is a file' : 'no permission';
    return new InputError(`${what}: ${why}`, { hint: OTHER_FOLDER_HINT, cause: error });
  }
  return undefined;
}

/** Whether the disk, or the user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return /^(ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '');
}

/** Whether a folder cannot be written to: it is another user's, or on a read-only disk. */
export function isUnwritable(error: unknown): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // Node 20 reports ENOENT for a recursive mkdir on a read-only disk.
  return /^(EROFS|EACCES|EPERM)$/.test(code) || (code === 'ENOENT' && syscall === 'mkdir');
}

const OTHER_FOLDER_HINT =
  'take another folder: --output for the image, --cache-dir (or XDG_CACHE_HOME) for the cache, TMPDIR for temporary files';

/** The hint for a full disk, met by an outside program or by Node itself. */
export const NO_SPACE_HINT = `make room there, or ${OTHER_FOLDER_HINT}`;

/** Why a file cannot be read, in words: "no such file". */
export function explainFileError({ code, message }: NodeJS.ErrnoException): string {
  return FILE_ERRORS[code ?? ''] ?? code ?? message;
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of that path is a file',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'input/output error',
};
