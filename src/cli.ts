#!/usr/bin/env node
import { hideBin } from 'yargs/helpers';
import { createCommandLine } from './command-line/command-line.ts';
import { AppError, DiskError, fromSystemError } from './core/errors.ts';
import { getExitCode } from './core/exit-codes.ts';
import { readLogFormat } from './report/choose-reporter.ts';
import { formatErrorJson, formatErrorText } from './report/format-error.ts';

/**
 * Parses the command line, runs one command, prints its error if it has one, and sets the exit code.
 * Commands do not print errors and nothing else calls process.exit. A command whose answer is an exit code, as `diff`'s
 * is, sets process.exitCode itself.
 */
async function main(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === '__complete') {
      // What the shells' completion scripts call (command-line/completion-command.ts); no word of it is an option of ours.
      const { runComplete } = await import('./command-line/run-complete.ts');
      process.stdout.write(await runComplete(args.slice(1)));
      return 0;
    }
    await createCommandLine(args, Math.min(110, process.stdout.columns ?? 100)).parseAsync();
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (thrown) {
    const error = fromSystemError(thrown) ?? thrown;
    const format = readLogFormat(args) === 'json' ? formatErrorJson : formatErrorText;
    process.stderr.write(format(error));
    return error instanceof AppError ? error.exitCode : getExitCode('bug');
  }
}

/**
 * A result that cannot be written is an error like others; but where nobody reads on (`wwanpi carriers | head`), nothing
 * is wrong. What standard error does not take cannot be told to anybody.
 */
function watchOutputs(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    const why = error.code === 'ENOSPC' ? 'no space left on the disk' : error.message;
    const told = new DiskError(`cannot write the result: ${why}`);
    process.stderr.write(formatErrorText(told));
    process.exitCode = told.exitCode;
  });
}

watchOutputs();
process.exitCode = await main(hideBin(process.argv));
