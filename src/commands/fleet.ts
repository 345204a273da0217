import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { CarrierData } from '../carriers.ts';
import { FleetError, InputError, InterruptedError } from '../errors.ts';
import { checkEntries, type FleetEntry, listEntries, parseShard, takeShard } from '../fleet.ts';
import {
  type FleetDocument,
  type FleetFault,
  listFleetFaults,
  parseFleetDocument,
} from '../fleet-document.ts';
import { formatMatrix } from '../fleet-matrix.ts';
import { createFleetProgress } from '../fleet-progress.ts';
import { formatFleetTable, formatFleetWarnings } from '../fleet-report.ts';
import { type FleetOutcome, type FleetPlan, runFleet } from '../fleet-run.ts';
import { withRun } from '../host.ts';
import { show } from '../recipe-notes.ts';
import type { Reporter } from '../report.ts';
import { loadCarriers } from '../steps/load-carriers.ts';
import { createTerminalReporter } from '../terminal-report.ts';
import { makeFleetJobs } from './fleet-options.ts';

/** Images made side by side where --jobs does not say: one computes while the other writes. */
const DEFAULT_JOBS = 2;

type Argv = Readonly<Record<string, unknown>>;

/**
 * The whole of `wwanpi fleet`: the file checked, then the images made, then the result printed.
 * @throws InputError with every fault of the file and where it stands, FleetError when images failed
 */
export async function runFleetCommand(argv: Argv): Promise<void> {
  const path = String(argv.file);
  const { document, entries } = readEntries(path, await readFleetFile(path));
  if (argv.matrix !== undefined) {
    process.stdout.write(makeMatrix(argv, entries));
    return;
  }
  const report = createTerminalReporter(process.stderr, { quiet: argv.quiet === true });
  const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
  const plan = await makePlan(argv, path, document, entries, report, cacheDir);
  const outcome = await withRun({ report, cacheDir }, async ({ context, logPath }) => {
    const { workers, jobs } = plan;
    const quiet = argv.quiet === true;
    const progress = createFleetProgress(process.stderr, { total: jobs.length, jobs: workers, quiet });
    try {
      const finished = await runFleet(context, plan, progress);
      if (finished.failure !== undefined) report.warn(`log: ${logPath}`);
      return finished;
    } catch (error) {
      if (context.signal.aborted) {
        throw new InterruptedError('interrupted; finished images stay, and nothing half-written was left', {
          hint: 'the same command goes on where it was',
        });
      }
      report.warn(`log: ${logPath}`);
      throw error;
    }
  });
  printOutcome(argv, plan, outcome, report);
}

function readEntries(path: string, text: string): { document: FleetDocument; entries: FleetEntry[] } {
  const document = parseFleetDocument(text);
  if (document.file === undefined) throw faultyFile(path, document.faults);
  const entries = listEntries(document.file);
  const faults = checkEntries(document.file, entries, document.locate);
  if (faults.length > 0) throw faultyFile(path, faults);
  return { document, entries };
}

async function readFleetFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read the fleet file ${path} (${error.code})`, { cause: error });
  });
}

async function makePlan(
  argv: Argv,
  path: string,
  document: FleetDocument,
  entries: readonly FleetEntry[],
  report: Reporter,
  cacheDir: string | undefined,
): Promise<FleetPlan> {
  const workers = argv.jobs === undefined ? DEFAULT_JOBS : readCount('jobs', argv.jobs);
  const wanted = selectEntries(argv, entries);
  const output = String(argv.output);
  const overrides = argv.base === undefined ? {} : { base: argv.base };
  const carriers: CarrierData | undefined = wanted.some((entry) => entry.options.carrier !== undefined)
    ? await loadCarriers((fn) => withRun({ report, cacheDir }, ({ context }) => fn(context)))
    : undefined;
  const options = { folder: dirname(resolve(path)), output, overrides };
  const { jobs, faults } = await makeFleetJobs(wanted, document, options, process.env, carriers);
  if (faults.length > 0) throw faultyFile(path, faults);
  return {
    jobs,
    names: entries.map((entry) => entry.name),
    folder: resolve(output),
    workers: Math.min(workers, jobs.length),
    keepGoing: argv.keepGoing === true,
    dryRun: argv.dryRun === true,
  };
}

function selectEntries(argv: Argv, entries: readonly FleetEntry[]): readonly FleetEntry[] {
  const only = (argv.only as string[] | undefined)?.flatMap((text) => text.split(','));
  const unknown = only?.filter((name) => !entries.some((entry) => entry.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new InputError(`--only ${unknown.map(show).join(', ')} is no image of the fleet`, {
      hint: `its images: ${entries.map((entry) => entry.name).join(', ')}`,
    });
  }
  const shard = argv.shard === undefined ? { index: 1, count: 1 } : parseShard(String(argv.shard));
  if (shard === undefined) {
    throw new InputError(`--shard ${show(String(argv.shard))} is no part of a whole; give one such as 2/5`);
  }
  return takeShard(entries, shard).filter((entry) => only?.includes(entry.name) ?? true);
}

function makeMatrix(argv: Argv, entries: readonly FleetEntry[]): string {
  const { matrix } = argv;
  if (matrix !== 'github' && matrix !== 'gitlab')
    throw new InputError('--matrix must be one of github, gitlab');
  const shards = argv.shards === undefined ? entries.length : readCount('shards', argv.shards);
  return formatMatrix(matrix, entries, shards);
}

function readCount(option: string, value: unknown): number {
  const text = String(value);
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InputError(`--${option} ${show(text)} is no whole number from 1 on`);
  return Number(text);
}

function printOutcome(argv: Argv, plan: FleetPlan, outcome: FleetOutcome, report: Reporter): void {
  const { results, failure, left, dropped, json } = outcome;
  formatFleetWarnings(outcome.warnings, plan.jobs.length).forEach(report.warn);
  if (dropped.length > 0) {
    report.warn(
      `no longer in the fleet: ${dropped.join(', ')}; their files stay, but are not listed any more`,
    );
  }
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
  process.stdout.write(argv.json === true ? json : formatFleetTable(results, left, plan.dryRun, columns));
  if (failure === undefined) return;
  const failed = results.filter((result) => result.verdict === 'failed');
  const notBegun = left.length === 0 ? '' : `, and ${left.length} were not begun (--keep-going makes them)`;
  throw new FleetError(
    failure.exitCode,
    `${failed.length} of ${plan.jobs.length} images failed${notBegun}:\n${failed.map(({ name, error }) => `  - ${name}: ${error}`).join('\n')}`,
    {
      ...(failure.hint === undefined ? {} : { hint: failure.hint }),
      ...(failure.detail === undefined ? {} : { detail: failure.detail }),
    },
  );
}

function faultyFile(path: string, faults: readonly FleetFault[]): InputError {
  const lines = listFleetFaults(basename(path), faults);
  const count = lines.length > 1 ? `; ${lines.length} faults` : '';
  return new InputError(`${path} can't be used${count}:\n${lines.join('\n')}`, {
    hint: 'wwanpi schema prints the schema of fleet files, for your editor',
  });
}
