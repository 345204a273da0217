import { resolve } from 'node:path';
import { DEFAULT_BASE, findBase } from '../base/bases.ts';
import type { CarrierData } from '../carriers/carriers.ts';
import { OptionsError } from '../core/errors.ts';
import { parseBuildOptions } from '../recipe/build-options.ts';
import type { FleetEntry } from './entries.ts';
import type { FleetDocument, FleetFault, FleetPath } from './fleet-document.ts';
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
  readonly faults: readonly FleetFault[];
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
  env: NodeJS.ProcessEnv,
  carriers: CarrierData | undefined,
): Promise<FleetJobs> {
  const jobs: FleetJob[] = [];
  const faults: FleetFault[] = [];
  const { SOURCE_DATE_EPOCH } = env;
  const buildEnv = SOURCE_DATE_EPOCH === undefined ? {} : { SOURCE_DATE_EPOCH };
  for (const entry of entries) {
    const secrets = readVariables(entry, env, document, faults);
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
      const unset = Object.entries(secrets).filter(([, value]) => value === STAND_IN);
      const own = error.faults.filter(
        (fault) => !unset.some(([option]) => fault.startsWith(`--${toKebab(option)} `)),
      );
      faults.push(...own.map((fault) => placeFault(fault, entry, document)));
    }
  }
  return { jobs, faults };
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
    const { base, libqmiSource, sshKey = [] } = withPaths(entry, folder);
    const isFile = withBases && findBase(String(base)) === undefined;
    return [
      ...(isFile ? [base] : []),
      ...(libqmiSource === undefined ? [] : [libqmiSource]),
      ...(sshKey as string[]),
    ];
  });
  return [...new Set(inputs.map(String))].sort();
}

/** A fleet is made to be given to others, and its images differ little: packing all costs little more than one. */
const DEFAULT_FORMAT = 'xz';

/** In place of a variable that is not set. Nothing is built with it: there is a fault. */
const STAND_IN = 'unset';

function readVariables(
  entry: FleetEntry,
  env: NodeJS.ProcessEnv,
  document: FleetDocument,
  faults: FleetFault[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [option, variable] of Object.entries(entry.variables)) {
    const value = env[variable];
    if (value === undefined || value === '') {
      const key = `${toKebab(option)}-env`;
      const message = `${key} names ${variable}, which is not set in the environment`;
      faults.push({ ...document.locate(entry.paths.get(key) ?? []), message });
      // A stand-in, so that the options that go with it are not at fault for its absence.
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

/** The entry's options, its paths made absolute. A named base is no path. */
function withPaths(entry: FleetEntry, folder: string): Record<string, unknown> {
  const { base, libqmiSource, sshKey, ...others } = entry.options;
  const absolute = (path: unknown) => resolve(folder, String(path));
  return {
    ...others,
    base: resolveBase(base, folder),
    ...(libqmiSource === undefined ? {} : { libqmiSource: absolute(libqmiSource) }),
    ...(Array.isArray(sshKey) ? { sshKey: sshKey.map(absolute) } : {}),
  };
}

/** A fault of `wwanpi build`, which begins with its flag, at the place of that option in the file. */
function placeFault(fault: string, entry: FleetEntry, document: FleetDocument): FleetFault {
  const flag = /^--([a-z-]+)/.exec(fault)?.[1] ?? '';
  const path: FleetPath = entry.paths.get(flag) ?? entry.paths.get(`${flag}-env`) ?? ['images', entry.index];
  return { ...document.locate(path), message: fault.replaceAll(/(^|[\s(])--(?=[a-z])/g, '$1') };
}

function toKebab(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
