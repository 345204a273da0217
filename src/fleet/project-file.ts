import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../core/environment.ts';
import { explainFileError, InputError } from '../core/errors.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { hintAtOptions } from '../options/hint-at-options.ts';
import { toCamel, toKebab } from '../options/option.ts';
import { mapVariables } from '../options/options.ts';
import { dropOverruled, listEntries } from './entries.ts';
import { parseFleetDocument, sortFleetIssues } from './fleet-document.ts';
import { findPath, readVariables, STAND_IN, withPaths } from './make-fleet-jobs.ts';

/** The file that `wwanpi build` reads in the working folder. */
export const PROJECT_FILE = 'wwanpi.yaml';

/** The options of a project file, and the issues of its own. */
export interface Project {
  readonly path: string;
  /** Options of `wwanpi build`, camel case; paths are absolute. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Issues of the file's shape, with their places. */
  readonly issues: readonly Issue[];
  /** The issue of an option with its place in the file; undefined if it follows from an issue of the file. */
  place(issue: Issue): Issue | undefined;
}

/**
 * Reads the project file of a folder: one image of a fleet file, for `wwanpi build`.
 * @param argv options of the command line, camel case; they override those of the file, as environment variables do
 * @returns undefined if there is no such file
 * @throws InputError when it cannot be read, OptionsError when its syntax is wrong
 */
export async function readProject(
  folder: string,
  argv: Readonly<Record<string, unknown>>,
  env: Environment = process.env,
): Promise<Project | undefined> {
  const path = join(folder, PROJECT_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new InputError(`cannot read the project file ${PROJECT_FILE}: ${explainFileError(error)}`, {
      cause: error,
    });
  });
  if (text === undefined) return undefined;
  const document = parseFleetDocument(text, PROJECT_FILE, 'project');
  const [image] = document.file?.images ?? [];
  if (document.file === undefined || image === undefined) throw makeProjectError(document.issues);
  const given = listGiven(argv, env);
  const kept: typeof image = dropOverruled(image, given);
  const [entry] = listEntries({ images: [kept] }, document.incomplete);
  if (entry === undefined) throw makeProjectError(document.issues);
  const issues = [...document.issues];
  const secrets = readVariables(entry, env, document, issues);
  const { base, name, ...options } = withPaths(entry, folder);
  return {
    path,
    options: {
      ...options,
      ...secrets,
      ...(kept.base === undefined ? {} : { base }),
      // Without one, the name is that of an image of `wwanpi build`.
      ...(kept.name === undefined ? {} : { name }),
    },
    issues,
    place: (issue) => {
      const { option = '' } = issue;
      const inFile = findPath(issue, entry);
      if (inFile !== undefined) {
        const isUnset = secrets[toCamel(option)] === STAND_IN;
        return isUnset ? undefined : { ...issue, place: document.locate(inFile) };
      }
      // What is missing may be what is left out of the file.
      if (entry.isIncomplete && !(option in given)) return undefined;
      const hint = `set apn or carrier in ${PROJECT_FILE}, or give {--apn}; wwanpi carriers finds it`;
      return option === 'apn' && !('apn' in given) ? { ...issue, hint } : issue;
    },
  };
}

/** The issues of a project file and of the options that are used with it, as one error. */
export function makeProjectError(found: readonly Issue[]): OptionsError {
  const issues = sortFleetIssues(found);
  const summary = `${issues.length} errors in ${PROJECT_FILE} and the command line`;
  return new OptionsError(issues, {
    ...(issues.length > 1 ? { summary } : {}),
    ...hintAtOptions('build', issues),
  });
}

/** Options that are given in another way, by their names in the file. */
function listGiven(argv: Readonly<Record<string, unknown>>, env: Environment): Record<string, unknown> {
  const fromLine = Object.keys(argv).filter((key) => argv[key] !== undefined);
  const variables = Object.entries(mapVariables({ secretOnly: false }));
  const fromEnvironment = variables
    .filter(([, variable]) => (env[variable] ?? '') !== '')
    .map(([key]) => key);
  return Object.fromEntries([...fromLine, ...fromEnvironment].map((key) => [toKebab(key), true]));
}
