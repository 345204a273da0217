import { resolve } from 'node:path';
import { DEFAULT_BASE, findBase } from '../base/bases.ts';
import type { CarrierData } from '../carriers/carriers.ts';
import type { Environment } from '../core/environment.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { toCamel, toKebab } from '../options/option.ts';
import { listFleetOptions } from '../options/options.ts';
import { parseBuildOptions } from '../recipe/build-options.ts';
import type { FleetEntry } from './entries.ts';
import type { FleetDocument, FleetPath } from './fleet-document.ts';
import type { FleetJob } from './fleet-plan.ts';

/** What the command line says for every image. */
export interface FleetCommandOptions {
  /** The fleet file's folder: relative paths in it start there. */
  readonly folder: string;
  readonly output: string;
  /** Options that win over the file's, camel case. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** The jobs, or all that is wrong with them. */
export interface FleetJobs {
  readonly jobs: readonly FleetJob[];
  readonly issues: readonly Issue[];
}

/**
 * Makes a build request of every entry, checked as `wwanpi build` checks its own. Of the environment it reads what the
 * file names and SOURCE_DATE_EPOCH: a secret meant for one build does not end up in a whole fleet.
 * @param carriers needed where an entry has a carrier
 */
export async function makeFleetJobs(
  entries: readonly FleetEntry[],
  document: FleetDocument,
  options: FleetCommandOptions,
  env: Environment,
  carriers: CarrierData | undefined,
): Promise<FleetJobs> {
  const jobs: FleetJob[] = [];
  const issues: Issue[] = [];
  const { SOURCE_DATE_EPOCH } = env;
  const buildEnv = SOURCE_DATE_EPOCH === undefined ? {} : { SOURCE_DATE_EPOCH };
  for (const entry of entries) {
    const secrets = readVariables(entry, env, document, issues);
    const argv = {
      compress: DEFAULT_FORMAT,
      ...withPaths(entry, options.folder),
      ...secrets,
      ...options.overrides,
      output: options.output,
    };
    try {
      const { request, warnings, carrier } = await parseBuildOptions(argv, buildEnv, carriers);
      jobs.push({ name: entry.name, request, carrier, warnings });
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error;
      const unset = Object.keys(secrets).filter((key) => secrets[key] === STAND_IN);
      const own = error.issues.filter(({ option = '' }) => !unset.includes(toCamel(option)));
      issues.push(...own.map((issue) => placeIssue(issue, entry, document)));
    }
  }
  return { jobs, issues };
}

/**
 * Every file and folder that entries name, absolute: what a container must be given to read.
 * @param withBases false where the command line names the base of all of them
 */
export function listFleetInputs(
  entries: readonly FleetEntry[],
  folder: string,
  withBases: boolean,
): string[] {
  const inputs = entries.flatMap((entry) => {
    const options = withPaths(entry, folder);
    return PATHS.filter(({ path }) => path !== 'base' || withBases)
      .flatMap(({ name }) => [options[toCamel(name)] ?? []].flat())
      .filter((path) => findBase(String(path)) === undefined);
  });
  return [...new Set(inputs.map(String))].sort();
}

/** The options of a fleet file that are files or folders. */
const PATHS = listFleetOptions().filter(({ path }) => path !== undefined);

/** A fleet is made to be given to others, and its images differ little: packing all costs little more than one. */
const DEFAULT_FORMAT = 'xz';

/** In place of a variable that is not set. Nothing is built with it: there is an issue. */
const STAND_IN = 'unset';

function readVariables(
  entry: FleetEntry,
  env: Environment,
  document: FleetDocument,
  issues: Issue[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [option, variable] of Object.entries(entry.variables)) {
    const value = env[variable];
    if (value === undefined || value === '') {
      const key = `${toKebab(option)}-env`;
      const message = `names ${variable}, which is not set in the environment`;
      issues.push({ option: key, message, place: document.locate(entry.paths.get(key) ?? []) });
      // A stand-in, so that its absence is no issue of the options that go with it.
      values[option] = STAND_IN;
    } else {
      values[option] = value;
    }
  }
  return values;
}

/** A base as a fleet file names it: a named one as it is, a file from the fleet file's folder on. */
export function resolveBase(base: unknown, folder: string): string {
  const name = String(base ?? DEFAULT_BASE);
  return findBase(name) === undefined ? resolve(folder, name) : name;
}

/** The entry's options, its paths made absolute. A named base is not a path. */
function withPaths(entry: FleetEntry, folder: string): Record<string, unknown> {
  const options: Record<string, unknown> = {
    ...entry.options,
    base: resolveBase(entry.options.base, folder),
  };
  for (const key of PATHS.filter(({ path }) => path !== 'base').map(({ name }) => toCamel(name))) {
    const value = options[key];
    if (Array.isArray(value)) options[key] = value.map((path) => resolve(folder, String(path)));
    else if (value !== undefined) options[key] = resolve(folder, String(value));
  }
  return options;
}

/** An issue of `wwanpi build` at the place of its option in the file. */
function placeIssue(issue: Issue, entry: FleetEntry, document: FleetDocument): Issue {
  const { option = '' } = issue;
  const path: FleetPath = entry.paths.get(option) ??
    entry.paths.get(`${option}-env`) ?? ['images', entry.index];
  return { ...issue, place: document.locate(path) };
}
