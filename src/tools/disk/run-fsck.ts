import type { Context } from '../../core/context.ts';
import { ToolFailedError, VerificationError } from '../../core/errors.ts';
import type { Argv, ExecOptions, ExecResult } from '../../core/exec.ts';
import { escapeControls } from '../../formats/text-diff.ts';

/** A sound file system gives some lines, a damaged one can make e2fsck print for ever. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_SHOWN_LINES = 40;
/** A slow disk reads ten megabytes in a second, and the programs read much less than all of it. */
const BYTES_PER_SECOND = 10_000_000;
const LEAST_SECONDS = 60;

/**
 * Runs e2fsck or fsck.fat, which change nothing, with limits on their time and output.
 * @param sizeBytes of the file system
 * @throws VerificationError when the program comes to no end, or crashes
 */
export async function runFsck(
  context: Context,
  argv: Argv,
  sizeBytes: number,
  options: ExecOptions,
): Promise<ExecResult> {
  const timeoutMs = 1000 * (LEAST_SECONDS + Math.ceil(sizeBytes / BYTES_PER_SECOND));
  try {
    return await context.exec(argv, { ...options, timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES });
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new VerificationError(`${error.message}: it cannot check this file system`, {
      detail: error.detail === undefined ? undefined : escapeControls(error.detail),
      cause: error,
    });
  }
}

/** What the program found, as a person can read it: without names' control characters, and not all of a million lines. */
export function describeFindings({ stdout, stderr }: ExecResult): string {
  const lines = escapeControls(stdout + stderr)
    .trimEnd()
    .split('\n');
  const more = lines.length - MAX_SHOWN_LINES;
  const shown = lines.slice(0, MAX_SHOWN_LINES).map((line) => `${line.slice(0, 500)}\n`);
  return [...shown, ...(more > 0 ? [`… ${more} more lines\n`] : [])].join('');
}
