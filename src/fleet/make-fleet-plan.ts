import { readFile } from 'node:fs/promises';
import { basename, dirname, parse, resolve } from 'node:path';
import type { CarrierData } from '../carriers/carrier.ts';
import { explainFileError, InputError } from '../core/errors.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { parseUrlBase } from '../formats/url-base.ts';
import { toCamel } from '../options/option.ts';
import { findOption, listFleetOptions } from '../options/options.ts';
import { checkEntries, type FleetEntry, listEntries, parseShard, takeShard } from './entries.ts';
import { type FleetDocument, parseFleetDocument, sortFleetIssues } from './fleet-document.ts';
import type { FleetPlan } from './fleet-plan.ts';
import { formatMatrix, MATRIX_KINDS } from './format-matrix.ts';
import { makeFleetJobs } from './make-fleet-jobs.ts';

/** The options that yargs parsed, camel case. */
export type FleetArgv = Readonly<Record<string, unknown>>;

/** A fleet file, and the issues of its shape and names. */
export interface FleetSource {
  readonly path: string;
  readonly document: FleetDocument;
  readonly entries: readonly FleetEntry[];
  readonly issues: readonly Issue[];
}

/** The default of --jobs: one image computes while the other writes. */
const DEFAULT_JOBS = 2;

/** Options that the command line may set for all images, camel case. */
const OVERRIDES = listFleetOptions()
  .filter(({ name }) => findOption('fleet', name) !== undefined)
  .map(({ name }) => toCamel(name));

/**
 * Reads a fleet file as far as it can be read.
 * @returns with `issues` of its shape and names; the options that they are about are left out
 * @throws InputError when the file cannot be read, OptionsError when its syntax is wrong or it has no list of images
 */
export async function readFleet(path: string): Promise<FleetSource> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read the fleet file ${path}: ${explainFileError(error)}`, {
      hint: 'name a YAML or JSON file, such as examples/fleet.yaml',
      cause: error,
    });
  });
  const document = parseFleetDocument(text, basename(path));
  if (document.file === undefined) throw faultyFile(path, document.issues, SYNTAX_HINT);
  const entries = listEntries(document.file, document.incomplete);
  const issues = [...document.issues, ...checkEntries(document.file, entries, document.locate)];
  return { path, document, entries, issues };
}

/** @throws OptionsError with the issues of the file's shape and names, if there are any */
export function assertSound({ path, issues }: FleetSource): void {
  if (issues.length > 0) throw faultyFile(path, issues);
}

/**
 * Plans a run and checks every option of every image.
 * @param load called if an image names a carrier
 * @throws OptionsError with every issue and its place
 */
export async function makeFleetPlan(
  argv: FleetArgv,
  { path, document, entries, issues: known }: FleetSource,
  load: () => Promise<CarrierData>,
): Promise<Omit<FleetPlan, 'signing'>> {
  const workers = argv.jobs === undefined ? DEFAULT_JOBS : readCount('jobs', argv.jobs);
  const wanted = selectEntries(argv, entries);
  const output = String(argv.output);
  const overrides = Object.fromEntries(
    OVERRIDES.flatMap((key) => (argv[key] === undefined ? [] : [[key, argv[key]]])),
  );
  const options = { folder: dirname(resolve(path)), output, overrides };
  const carriers = wanted.some((entry) => entry.options.carrier !== undefined) ? await load() : undefined;
  const { jobs, issues } = await makeFleetJobs(wanted, document, options, process.env, carriers);
  if (known.length + issues.length > 0) throw faultyFile(path, [...known, ...issues]);
  return {
    jobs,
    names: entries.map((entry) => entry.name),
    folder: resolve(output),
    workers: Math.min(workers, jobs.length),
    keepGoing: argv.keepGoing === true,
    dryRun: argv.dryRun === true,
    ...nameLists(argv, { path, document }),
  };
}

/**
 * The name of the fleet's list for Raspberry Pi Imager, and the URL of its files.
 * @throws OptionsError when the URL is invalid or contains a password
 */
export function nameLists(
  argv: FleetArgv,
  { path, document }: Pick<FleetSource, 'path' | 'document'>,
): { readonly title: string; readonly urlBase: string | undefined } {
  const text = argv.urlBase ?? document.file?.['url-base'];
  const parsed = text === undefined ? { urlBase: undefined } : parseUrlBase(String(text));
  if ('fault' in parsed) throw new OptionsError([{ option: 'url-base', message: parsed.fault }]);
  return { title: parse(path).name, urlBase: parsed.urlBase };
}

/** @throws OptionsError when --matrix or --shards is invalid */
export function makeMatrix(argv: FleetArgv, entries: readonly FleetEntry[]): string {
  const { matrix } = argv;
  const kind = MATRIX_KINDS.find((name) => name === matrix);
  if (kind === undefined) {
    const message = `must be one of ${MATRIX_KINDS.join(', ')}`;
    throw new OptionsError([{ option: 'matrix', message }]);
  }
  const shards = argv.shards === undefined ? entries.length : readCount('shards', argv.shards);
  return formatMatrix(kind, entries, shards);
}

function selectEntries(argv: FleetArgv, entries: readonly FleetEntry[]): readonly FleetEntry[] {
  const only = (argv.only as string[] | undefined)?.flatMap((text) => text.split(','));
  const names = entries.map((entry) => entry.name);
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) {
    const message = 'is not an image of the fleet';
    throw new OptionsError(
      unknown.map((value) => ({ option: 'only', value, message, hint: suggestNearest(value, names) })),
      { hint: `its images: ${names.join(', ')}` },
    );
  }
  const shard = argv.shard === undefined ? { index: 1, count: 1 } : parseShard(String(argv.shard));
  if (shard === undefined) {
    const hint = 'give one such as 2/5';
    const issue = { option: 'shard', value: String(argv.shard), message: 'is not a part of a whole', hint };
    throw new OptionsError([issue]);
  }
  return takeShard(entries, shard).filter((entry) => only?.includes(entry.name) ?? true);
}

function readCount(option: string, value: unknown): number {
  const text = String(value);
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new OptionsError([{ option, value: text, message: 'is not a whole number from 1 on' }]);
  }
  return Number(text);
}

const SYNTAX_HINT =
  'check indentation, brackets and quotes there and in the line above; examples/fleet.yaml works';
const SCHEMA_HINT = 'wwanpi schema prints the schema of fleet files, for your editor';

function faultyFile(path: string, found: readonly Issue[], hint = SCHEMA_HINT): OptionsError {
  const issues = sortFleetIssues(found);
  const count = issues.length > 1 ? `; ${issues.length} issues` : '';
  return new OptionsError(issues, {
    summary: `${path} cannot be used${count}`,
    hint,
  });
}
