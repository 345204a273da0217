/**
 * The errors a user can meet. One class per thing the user can do about it; the class decides the exit
 * code, and `cli.ts` alone prints the error and sets it.
 */

/** Base of every expected failure: what happened, why, and what to do about it. */
export abstract class AppError extends Error {
  /** Process exit code, stable across releases (README, "Exit codes"). */
  abstract readonly exitCode: number;
  /** What the user can do; a command to type where there is one. */
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
  readonly exitCode = 2;
}

/** A program this step needs is not on the host. */
export class ToolMissingError extends AppError {
  readonly exitCode = 3;
}

/** A program on the host ran and failed. */
export class ToolFailedError extends AppError {
  readonly exitCode = 4;
}

/** A check of something fetched, written or built did not hold. */
export class VerificationError extends AppError {
  readonly exitCode = 5;
}

/** libqmi did not compile for the target, or what came out does not fit the target. */
export class CompileError extends AppError {
  readonly exitCode = 6;
}

/** The image booted, or failed to, and did not come online as it should. */
export class BootTestError extends AppError {
  readonly exitCode = 7;
}

/** Something could not be fetched from, or sent to, the network. */
export class NetworkError extends AppError {
  readonly exitCode = 8;
}

/** A broken assumption inside wwanpi itself. */
export class BugError extends AppError {
  readonly exitCode = 70;
}

/** The user, or a signal, stopped the run. */
export class InterruptedError extends AppError {
  readonly exitCode = 130;
}
