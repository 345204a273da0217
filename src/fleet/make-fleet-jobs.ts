import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { DEFAULT_BASE, findBase } from '../base/bases.ts';
import type { CarrierData } from '../carriers/carrier.ts';
import type { Environment } from '../core/environment.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { isPackageFile, toCamel, toKebab } from '../options/option.ts';
import { listFleetOptions } from '../options/options.ts';
import { parseBuildOptions } from '../recipe/build-options.ts';
import type { FleetEntry } from './entries.ts';
import type { FleetDocument, FleetPath } from './fleet-document.ts';
import type { FleetJob } from './fleet-plan.ts';

/** Options of the command line for every image. */
export interface FleetCommandOptions {
  /** The fleet file's folder, which its relative paths start from. */
  readonly folder: string;
  readonly output: string;
  /** Options that override the file's, camel case. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** The jobs, or all issues. */
export interface FleetJobs {
  readonly jobs: readonly FleetJob[];
  readonly issues: readonly Issue[];
}

/**
 * Makes a build request of every entry, with the checks of `wwanpi build`. Of the environment it reads only
 * SOURCE_DATE_EPOCH and the variables that the file names, so that a secret for one build does not end up in a fleet.
 * @param carriers needed if an entry has a carrier
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
      // What is missing in an incomplete entry may be what is left out of it.
      const seen = entry.isIncomplete ? own.filter((issue) => findPath(issue, entry) !== undefined) : own;
      issues.push(...seen.map((issue) => placeIssue(issue, entry, document)));
    }
  }
  return { jobs, issues };
}

/**
 * Lists the absolute paths of all files and folders that entries name, to mount into a container.
 * @param withBases false if the command line sets the base of all images
 */
export function listFleetInputs(
  entries: readonly FleetEntry[],
  folder: string,
  withBases: boolean,
): string[] {
  const inputs = entries.flatMap((entry) => {
    const options = withPaths(entry, folder);
    return PATHS.filter(({ path }) => path !== 'base' || withBases)
      .flatMap(({ name, path }) =>
        [options[toCamel(name)] ?? []]
          .flat()
          .filter((value) => path !== 'package' || isPackageFile(String(value))),
      )
      .filter((path) => findBase(String(path)) === undefined);
  });
  return [...new Set(inputs.map(String))].sort();
}

/** The options of a fleet file that are files or folders. */
const PATHS = listFleetOptions().filter(({ path }) => path !== undefined);

/** A fleet is for distribution, and its images are similar: compressing all costs little more than compressing one. */
const DEFAULT_FORMAT = 'xz';

/** Placeholder for a variable that is not set. Nothing is built with it, because there is an issue. */
export const STAND_IN = 'unset';

/** The values of the environment variables that an entry names; an unset one is an issue and has a placeholder. */
export function readVariables(
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
      // A placeholder, so that options that need this one do not report a second issue.
      values[option] = STAND_IN;
    } else {
      values[option] = value;
    }
  }
  return values;
}

/** Resolves a base of a fleet file: a named base is unchanged, a path is relative to the fleet file's folder. */
export function resolveBase(base: unknown, folder: string): string {
  const name = String(base ?? DEFAULT_BASE);
  return findBase(name) === undefined ? resolvePath(folder, name) : name;
}

/** The entry's options with absolute paths; `~` is the home folder. A named base is not a path. */
export function withPaths(entry: FleetEntry, folder: string): Record<string, unknown> {
  const options: Record<string, unknown> = {
    ...entry.options,
    base: resolveBase(entry.options.base, folder),
  };
  for (const { name, path } of PATHS.filter((option) => option.path !== 'base')) {
    const key = toCamel(name);
    const value = options[key];
    const place = (text: string) =>
      path === 'package' && !isPackageFile(text) ? text : resolvePath(folder, text);
    if (Array.isArray(value)) options[key] = value.map((each) => place(String(each)));
    else if (value !== undefined) options[key] = place(String(value));
  }
  return options;
}

/** The place in the file of the option that an issue is about; undefined if the file does not have it. */
export function findPath({ option = '' }: Issue, { paths }: FleetEntry): FleetPath | undefined {
  return paths.get(option) ?? paths.get(`${option}-env`);
}

/** No shell has replaced the tilde in a file. */
function resolvePath(folder: string, path: string): string {
  return resolve(folder, path === '~' || path.startsWith('~/') ? `${homedir()}${path.slice(1)}` : path);
}

/** Adds the place of its option in the file to an issue of `wwanpi build`. */
function placeIssue(issue: Issue, entry: FleetEntry, document: FleetDocument): Issue {
  return { ...issue, place: document.locate(findPath(issue, entry) ?? ['images', entry.index]) };
}
