import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { AppError, BugError, fromSystemError } from '../core/errors.ts';
import { readVersion } from '../core/package.ts';
import { makeStep, silentReporter } from '../core/reporter.ts';
import { shareOwnFiles } from '../own-files/share-own-files.ts';
import { buildImage, type PreparedBase, type PreparedBuild, prepareBase, prepareBuild } from '../pipeline.ts';
import { identifyBuild } from '../release/describe-build.ts';
import { openSharedWork, type SharedWork } from '../release/shared-work.ts';
import { forEachConcurrent } from '../tools/files/for-each-concurrent.ts';
import { dropPages } from '../tools/files/page-cache.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import { areFilesIntact, readFleetState, stampFiles, writeFleetState } from './fleet-folder.ts';
import type { FleetJob, FleetPlan } from './fleet-plan.ts';
import type { FleetProgress } from './fleet-progress.ts';
import { type FleetRecord, type FleetResult, type FleetState, formatFleetJson } from './fleet-state.ts';
import { listFleet } from './list-fleet.ts';

/** The result of a fleet run. */
export interface FleetOutcome {
  /** In the fleet's order; in a dry run, the images that would be built are `built` without files. */
  readonly results: readonly FleetResult[];
  /** The error of the first failed image, in the fleet's order. */
  readonly failure: AppError | undefined;
  /** Images that were not started because an earlier one failed. */
  readonly left: readonly string[];
  /** Warning → the images it is about. */
  readonly warnings: ReadonlyMap<string, readonly string[]>;
  /** Images of earlier runs that are no longer in the fleet; their files are kept, but not listed. */
  readonly dropped: readonly string[];
  /** `fleet.json`'s text. */
  readonly json: string;
}

/**
 * Builds the images of a fleet: first their shared parts, then each image that is missing or out of date. Saves the
 * folder's state after each image, so that the next run continues an interrupted one.
 * @throws errors that stop the whole run: an interrupt, a folder that cannot be written
 */
export async function runFleet(
  context: Context,
  plan: FleetPlan,
  progress: FleetProgress,
): Promise<FleetOutcome> {
  const { folder, dryRun } = plan;
  if (!dryRun) await mkdir(folder, { recursive: true });
  const before = await readFleetState(folder);
  const dropped = [...before.keys()].filter((name) => !plan.names.includes(name));
  const state = new Map([...before].filter(([name]) => plan.names.includes(name)));
  const results = new Map<string, FleetResult>();
  const errors = new Map<string, AppError>();
  const warnings = new Map<string, string[]>();
  const warn = (name: string, text: string) => warnings.set(text, [...(warnings.get(text) ?? []), name]);
  const json = () => {
    const earlier = [...state.values()].map((record) => record.result);
    return formatFleetJson(readVersion(), plan.names, [...earlier, ...results.values()]);
  };
  let saving = Promise.resolve();
  const save = () => {
    saving = saving.then(async () => {
      await writeFileAtomic(join(folder, 'fleet.json'), json());
      await writeFleetState(folder, state);
    });
    return saving;
  };

  const bases = await prepareBases(context, plan.jobs);
  const ownFiles = shareOwnFiles(
    context,
    plan.jobs.map(({ request }) => request.own),
  );
  const left: string[] = [];
  const work = openSharedWork();
  const runJob = async (job: FleetJob): Promise<void> => {
    if (errors.size > 0 && !plan.keepGoing) {
      left.push(job.name);
      return;
    }
    const start = performance.now();
    const seconds = () => Math.round(performance.now() - start) / 1000;
    progress.begin(job.name);
    let result: FleetResult;
    try {
      const shared = bases.get(baseKey(job));
      if (shared === undefined) throw new BugError(`the base of ${job.name} was not prepared`);
      if (shared instanceof AppError) throw shared;
      const own = getContext(context, job, progress, (text) => warn(job.name, text));
      await mkdir(own.tmpDir, { recursive: true });
      const files = await ownFiles.read(own.report, job.request.own);
      const prepared = await prepareBuild(own, job.request, shared, { own: files });
      const image = await makeImage(own, plan, job, prepared, { known: state.get(job.name), work });
      for (const text of [...job.warnings, ...image.warnings]) warn(job.name, text);
      result = { ...image.result, seconds: seconds() };
      if (!dryRun) state.set(job.name, { key: image.key, stamps: image.stamps, result });
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      const error = asAppError(thrown);
      errors.set(job.name, error);
      result = {
        ...describeJob(job),
        files: [],
        seconds: seconds(),
        verdict: 'failed',
        error: error.message,
      };
    }
    await ownFiles.release(job.request.own);
    await rm(join(context.tmpDir, job.name), { recursive: true, force: true });
    results.set(job.name, result);
    if (!dryRun) await save();
    progress.finish(result);
  };

  try {
    await forEachConcurrent(plan.jobs, plan.workers, runJob);
    if (!dryRun) {
      await save();
      const done = plan.names.flatMap((name) => state.get(name)?.result ?? []);
      await listFleet({ ...plan, warn: context.report.warn }, done, listGone(state, before));
    }
  } finally {
    await work.copies.close();
    progress.close();
  }
  const ofPlan = plan.jobs.flatMap((job) => results.get(job.name) ?? []);
  const firstFailed = plan.jobs.find((job) => errors.has(job.name));
  return {
    ...{ results: ofPlan, warnings, dropped, json: json() },
    failure: firstFailed === undefined ? undefined : errors.get(firstFailed.name),
    left,
  };
}

/** Prepares each base that the jobs need, one after the other; the value of a base that failed is its error. */
async function prepareBases(
  context: Context,
  jobs: readonly FleetJob[],
): Promise<Map<string, PreparedBase | AppError>> {
  const bases = new Map<string, PreparedBase | AppError>();
  for (const job of jobs) {
    if (bases.has(baseKey(job))) continue;
    try {
      const recipes = jobs
        .filter((other) => baseKey(other) === baseKey(job))
        .map(({ request }) => request.recipe);
      bases.set(baseKey(job), await prepareBase(context, job.request, recipes));
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      context.report.fail();
      bases.set(baseKey(job), asAppError(thrown));
    }
  }
  return bases;
}

async function makeImage(
  context: Context,
  plan: FleetPlan,
  job: FleetJob,
  prepared: PreparedBuild,
  { known, work }: { readonly known: FleetRecord | undefined; readonly work: SharedWork },
): Promise<FleetRecord & { readonly warnings: readonly string[] }> {
  const key = identifyBuild(job.request, prepared);
  const { warnings } = prepared;
  if (known !== undefined && known.key === key && (await areFilesIntact(context, plan.folder, known))) {
    const { files } = known.result;
    const stamps = await stampFiles(plan.folder, files);
    return {
      key,
      stamps,
      warnings,
      result: { ...describeJob(job), files, seconds: 0, verdict: 'unchanged' },
    };
  }
  const sign = plan.signing === 'nobody' ? 'nobody' : 'later';
  const files = plan.dryRun ? [] : (await buildImage(context, job.request, prepared, sign, work)).files;
  const large = files.filter(({ kind }) => kind === 'image' || kind === 'packed');
  for (const { name } of large) await dropPages(context, join(plan.folder, name));
  const stamps = await stampFiles(plan.folder, files);
  return { key, stamps, warnings, result: { ...describeJob(job), files, seconds: 0, verdict: 'built' } };
}

/** Makes the context of a job: its own temporary folder, and a reporter for the fleet's progress. */
function getContext(
  context: Context,
  job: FleetJob,
  progress: FleetProgress,
  warn: (text: string) => void,
): Context {
  return {
    ...context,
    tmpDir: join(context.tmpDir, job.name),
    report: {
      ...silentReporter,
      step: (title) => {
        progress.step(job.name, title);
        return makeStep();
      },
      warn,
    },
  };
}

/** The names of files that the fleet had before and no longer has. */
function listGone(state: FleetState, before: FleetState): string[] {
  const getNames = (records: FleetState) =>
    [...records.values()].flatMap((record) => record.result.files.map((file) => file.name));
  const names = new Set(getNames(state));
  return getNames(before).filter((name) => !names.has(name));
}

function describeJob({
  name,
  carrier,
  request,
}: FleetJob): Pick<FleetResult, 'name' | 'carrier' | 'apn' | 'base'> {
  const plan = carrier?.plan;
  return {
    name,
    ...(carrier === undefined
      ? {}
      : {
          carrier: {
            country: carrier.country,
            provider: carrier.provider,
            plan,
          },
        }),
    apn: request.recipe.apn,
    base: String(request.publicOptions.base),
  };
}

function baseKey({ request }: FleetJob): string {
  return JSON.stringify([
    ...[request.base, request.libqmi, request.libqmiSource],
    ...[request.builder, request.compression.format],
  ]);
}

function asAppError(thrown: unknown): AppError {
  const error = fromSystemError(thrown) ?? thrown;
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new BugError(`a bug in wwanpi: ${text}`, { cause: error });
}
