#!/usr/bin/env node
import { hideBin } from 'yargs/helpers';
import { createCommandLine } from './command-line/command-line.ts';
import { AppError, DiskError, fromSystemError } from './core/errors.ts';
import { getExitCode } from './core/exit-codes.ts';
import { createPaint } from './formats/colour.ts';
import { endReports, readLogFormat } from './report/choose-reporter.ts';
import { formatErrorJson, formatErrorText } from './report/format-error.ts';

/**
 * Parses the command line, runs one command, prints its error if it has one, and sets the exit code.
 * Commands do not print errors, and no other code calls process.exit. A command whose result is an exit code, such as
 * `diff`, sets process.exitCode itself.
 */
async function main(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === '__complete') {
      // Called by the completion scripts (command-line/completion-scripts.ts). The words are not options of wwanpi.
      const { runComplete } = await import('./command-line/run-complete.ts');
      process.stdout.write(await runComplete(args.slice(1)));
      return 0;
    }
    if (args.length === 0) {
      const { canGuide, runGuided } = await import('./commands/guided.ts');
      if (canGuide()) {
        await runGuided();
        return typeof process.exitCode === 'number' ? process.exitCode : 0;
      }
    }
    await createCommandLine(args).parseAsync();
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (thrown) {
    const error = fromSystemError(thrown) ?? thrown;
    endReports('failed');
    process.stderr.write(
      readLogFormat(args) === 'json'
        ? formatErrorJson(error)
        : formatErrorText(error, createPaint(process.stderr)),
    );
    return error instanceof AppError ? error.exitCode : getExitCode('bug');
  } finally {
    endReports('done');
  }
}

/**
 * Reports a failed write to standard output. EPIPE is not an error: the reader has enough (`wwanpi carriers | head`). If
 * standard error fails, there is nowhere left to report it.
 */
function watchOutputs(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    const why = error.code === 'ENOSPC' ? 'no space left on the disk' : error.message;
    const failure = new DiskError(`cannot write the result: ${why}`);
    process.stderr.write(formatErrorText(failure, createPaint(process.stderr)));
    process.exitCode = failure.exitCode;
  });
}

watchOutputs();
process.exitCode = await main(hideBin(process.argv));
