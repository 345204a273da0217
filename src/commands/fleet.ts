import { dirname, resolve } from 'node:path';
import { loadCarriers } from '../carriers/load-carriers.ts';
import { runInContainer } from '../container/run-in-container.ts';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { FleetError, InterruptedError, VerificationError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { collectFleet } from '../fleet/collect-fleet.ts';
import type { FleetPlan } from '../fleet/fleet-plan.ts';
import { listFleetInputs } from '../fleet/make-fleet-jobs.ts';
import {
  assertSound,
  type FleetArgv,
  type FleetSource,
  makeFleetPlan,
  makeMatrix,
  nameLists,
  readFleet,
} from '../fleet/make-fleet-plan.ts';
import { type FleetOutcome, runFleet } from '../fleet/run-fleet.ts';
import { withRun } from '../host/with-run.ts';
import type { CommandPaths } from '../options/command.ts';
import { prepareSigner } from '../release/prepare-signer.ts';
import type { Signing } from '../release/write-checksums.ts';
import { chooseFleetProgress, createReporter } from '../report/choose-reporter.ts';
import { formatFleetNext, formatFleetTable, formatFleetWarnings } from '../report/fleet-table.ts';
import { readEngine, withoutCarrier } from './container-options.ts';

/**
 * Runs `wwanpi fleet`: checks the file, makes (or collects) the images, prints the result.
 * @param paths of the command, for a container; paths in the file are added
 * @throws OptionsError with every issue of the file and its place, FleetError when images failed
 */
export async function runFleetCommand(argv: FleetArgv, paths: CommandPaths): Promise<void> {
  const source = await readFleet(String(argv.file));
  if (argv.matrix !== undefined || Array.isArray(argv.collect)) assertSound(source);
  if (argv.matrix !== undefined) {
    process.stdout.write(makeMatrix(argv, source.entries));
    return;
  }
  const report = createReporter(argv);
  const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
  const requireUpdates = argv.requireUpdates === true;
  const inRun = <T>(work: (context: Context) => Promise<T>): Promise<T> =>
    withRun({ report, cacheDir, requireUpdates }, async ({ context, logPath }) => {
      try {
        return await work(context);
      } catch (error) {
        if (context.signal.aborted) {
          throw new InterruptedError('interrupted; finished images are kept, and no partial files are left', {
            hint: 'the same command continues the run',
          });
        }
        report.warn(`log: ${logPath}`);
        throw error;
      }
    });
  if (Array.isArray(argv.collect)) return collect(argv, source, inRun);
  const engine = readEngine(argv);
  if (engine !== undefined) {
    const { path } = source;
    const entries = source.entries.map((entry) => ({ ...entry, options: withoutCarrier(entry.options) }));
    await makeFleetPlan(argv, { ...source, entries }, () => loadCarriers(inRun));
    const reads = listFleetInputs(entries, dirname(resolve(path)), argv.base === undefined);
    const variables = entries.flatMap((entry) => Object.values(entry.variables));
    await runInContainer(argv, { engine, paths, report, cacheDir, reads, variables });
    return;
  }
  const plan = await makeFleetPlan(argv, source, () => loadCarriers(inRun));
  const { workers, jobs } = plan;
  const progress = chooseFleetProgress(argv, { total: jobs.length, jobs: workers, dryRun: plan.dryRun });
  await inRun(async (context) => {
    const signing = await prepareSigning(context, argv);
    const outcome = await runFleet(context, { ...plan, signing }, progress);
    printOutcome(argv, { ...plan, signing }, outcome, report);
  });
}

type InRun = <T>(work: (context: Context) => Promise<T>) => Promise<T>;

async function prepareSigning(context: Context, { sign }: FleetArgv): Promise<Signing> {
  if (sign === undefined) return 'nobody';
  return prepareSigner(context, String(sign), readVariable('WWANPI_SIGN_PASSPHRASE'));
}

async function collect(argv: FleetArgv, source: FleetSource, inRun: InRun): Promise<void> {
  const { entries } = source;
  const names = entries.map((entry) => entry.name);
  const folders = (argv.collect as string[]).map((folder) => resolve(folder));
  const listing = { folder: resolve(String(argv.output)), ...nameLists(argv, source) };
  const { results, missing, json } = await inRun(async (context) => {
    const signing = await prepareSigning(context, argv);
    return collectFleet(context, names, folders, { ...listing, signing });
  });
  printResults(argv, json, () => formatFleetTable(results, missing, false, readColumns()));
  const failed = results.filter((result) => result.verdict === 'failed').map((result) => result.name);
  if (missing.length + failed.length === 0) return;
  throw new VerificationError(
    `${missing.length + failed.length} of ${names.length} images are in none of the folders: ${[...missing, ...failed].join(', ')}`,
    { hint: `make them: wwanpi fleet ${String(argv.file)} --only ${[...missing, ...failed].join(' ')}` },
  );
}

function printOutcome(argv: FleetArgv, plan: FleetPlan, outcome: FleetOutcome, report: Reporter): void {
  const { results, failure, left, dropped, json } = outcome;
  formatFleetWarnings(outcome.warnings, plan.jobs.length).forEach(report.warn);
  if (dropped.length > 0) {
    report.warn(`no longer in the fleet: ${dropped.join(', ')}; their files are kept, but no longer listed`);
  }
  printResults(argv, json, () => {
    const table = formatFleetTable(results, left, plan.dryRun, readColumns());
    const isFinished = failure === undefined && !plan.dryRun;
    return isFinished ? `${table}${formatFleetNext(results, String(argv.output))}` : table;
  });
  if (failure === undefined) return;
  const failed = results.filter((result) => result.verdict === 'failed');
  const notBegun = left.length === 0 ? '' : `, and ${left.length} were not begun (--keep-going builds them)`;
  throw new FleetError(
    failure.exitCode,
    `${failed.length} of ${plan.jobs.length} images failed${notBegun}:\n${failed.map(({ name, error }) => `  - ${name}: ${error}`).join('\n')}`,
    {
      hint: failure.hint,
      detail: failure.detail,
    },
  );
}

function printResults(argv: FleetArgv, json: string, formatTable: () => string): void {
  process.stdout.write(argv.json === true ? json : formatTable());
}

function readColumns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}
