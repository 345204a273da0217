import type { Reporter } from '../core/reporter.ts';
import type { FleetProgress } from '../fleet/fleet-progress.ts';
import { setEcho } from '../tools/attached.ts';
import { createFleetProgress } from './fleet-progress.ts';
import { createJsonFleetProgress, createJsonReporter } from './json-report.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { createTerminalReporter } from './terminal-report.ts';

/** The options that yargs parsed; `log` and `quiet` choose the reporter. */
type ReportArgv = Readonly<Record<string, unknown>>;

/**
 * The reporter that the options choose. It writes to standard error: standard output is for results.
 * @param how.rowsOnly see `TerminalReportOptions`
 */
export function createReporter(argv: ReportArgv, how: { readonly rowsOnly?: boolean } = {}): Reporter {
  const options = { ...how, quiet: argv.quiet === true };
  return isJson(argv.log)
    ? createJsonReporter(process.stderr, options)
    : createTerminalReporter(getTerminal(), options);
}

/** The same for a fleet's images. */
export function chooseFleetProgress(
  argv: ReportArgv,
  fleet: { readonly total: number; readonly jobs: number; readonly dryRun: boolean },
): FleetProgress {
  const options = { ...fleet, quiet: argv.quiet === true };
  return isJson(argv.log)
    ? createJsonFleetProgress(process.stderr, options)
    : createFleetProgress(getTerminal(), options);
}

/** Whether what the reporter prints and the result, on standard output, are seen on one terminal. */
export function isOnOneTerminal(argv: ReportArgv): boolean {
  const isPrinted = argv.quiet !== true && !isJson(argv.log);
  return isPrinted && process.stdout.isTTY === true && process.stderr.isTTY === true;
}

/** Ends all drawing on standard error, before an error or the shell's prompt. */
export function endReports(how: 'done' | 'failed'): void {
  terminal?.end(how);
}

/** Leaves the terminal to a question or another program until `work` ends, whichever reporter draws on it: see `Reporter.hold`. */
export function holdTerminal<T>(work: () => Promise<T>): Promise<T> {
  return terminal === undefined ? work() : terminal.hold(work);
}

let terminal: Terminal | undefined;

/** Standard error's one owner, however many reporters a command makes. */
function getTerminal(): Terminal {
  terminal ??= createTerminal(process.stderr, { setEcho });
  return terminal;
}

/** The format of errors. It works for a command line that yargs refuses too: the last `--log` before a `--` counts. */
export function readLogFormat(args: readonly string[]): 'text' | 'json' {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  const values = own.flatMap((arg, at) =>
    arg === '--log' ? [args[at + 1]] : arg.startsWith('--log=') ? [arg.slice('--log='.length)] : [],
  );
  return isJson(values) ? 'json' : 'text';
}

/** yargs makes an array of an option that is given twice. */
function isJson(log: unknown): boolean {
  return (Array.isArray(log) ? log.at(-1) : log) === 'json';
}
