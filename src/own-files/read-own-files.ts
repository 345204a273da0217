import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { type AppError, InputError, VerificationError } from '../core/errors.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import {
  NO_OWN_FILES,
  type OwnerRule,
  type OwnFiles,
  type OwnFilesRequest,
  type OwnPackage,
  type OwnScript,
  type TreeEntry,
} from '../recipe/own-files.ts';
import type { Keeper } from './keep-content.ts';
import { readPackageFile } from './read-packages.ts';
import { readScript } from './read-scripts.ts';
import { readTree } from './read-tree.ts';

/** As many faults of one tree are told. */
const MAX_FAULTS = 20;

/**
 * Reads the user's trees, package files and scripts, once. What is named by a package's name comes later, when the base
 * is known.
 * @throws OptionsError with everything that cannot go into an image, InterruptedError
 */
export async function readOwnFiles(
  context: Pick<Context, 'tmpDir' | 'signal' | 'report'>,
  request: OwnFilesRequest,
): Promise<OwnFiles> {
  const { trees, packageFiles, scripts } = request;
  if (trees.length + packageFiles.length + scripts.length === 0) return NO_OWN_FILES;
  const done = context.report.step('Own files');
  const keeper: Keeper = { folder: join(context.tmpDir, 'own-files'), signal: context.signal };
  const issues: Issue[] = [];
  const entries = new Map<string, TreeEntry>();
  const owners: OwnerRule[] = [];
  for (const root of trees) {
    const tree = await collect(issues, 'extra-tree', root, () => readTree(root, keeper));
    if (tree === undefined) continue;
    issues.push(...describeFaults(root, [...tree.faults, ...merge(entries, tree.entries)]));
    owners.push(...tree.owners);
  }
  const packages: OwnPackage[] = [];
  for (const path of packageFiles) {
    const found = await collect(issues, 'package', path, async () =>
      readPackageFile(await realpath(path), keeper),
    );
    const twin = packages.find(({ name }) => name === found?.name);
    if (twin !== undefined && twin.sha256 !== found?.sha256) {
      const message = `is another ${twin.name} than ${twin.fileName}`;
      issues.push({ option: 'package', value: path, message, hint: 'give one of them' });
    }
    if (found !== undefined && twin === undefined) packages.push(found);
  }
  const read: OwnScript[] = [];
  for (const [index, path] of scripts.entries()) {
    const found = await collect(issues, 'first-boot', path, async () =>
      readScript(await realpath(path), index, keeper),
    );
    if (found !== undefined) read.push(found);
  }
  if (issues.length > 0) throw new OptionsError(issues);
  const tree = [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = tree.filter(({ kind }) => kind !== 'directory').length;
  const counts = [count(files, 'file'), count(packages.length, 'package'), count(read.length, 'script')];
  done(counts.flat().join(', '));
  return { tree, owners, packages, scripts: read };
}

/** Adds a tree's entries to those of earlier ones. Returns what cannot be: a file where an earlier tree has a folder. */
function merge(entries: Map<string, TreeEntry>, added: readonly TreeEntry[]): string[] {
  const faults: string[] = [];
  for (const entry of added) {
    const earlier = entries.get(entry.path);
    if (earlier !== undefined && (earlier.kind === 'directory') !== (entry.kind === 'directory')) {
      faults.push(`has ${entry.path.slice(1)} as a ${entry.kind}, and an earlier tree as a ${earlier.kind}`);
    }
    entries.set(entry.path, entry);
  }
  return faults;
}

function describeFaults(root: string, faults: readonly string[]): Issue[] {
  const told = faults.slice(0, MAX_FAULTS);
  const left = faults.length - told.length;
  return [...told, ...(left > 0 ? [`has ${left} more such files`] : [])].map((message) => ({
    option: 'extra-tree',
    value: root,
    message,
  }));
}

function count(number: number, noun: string): string[] {
  return number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`];
}

/** Runs one reader; what it refuses becomes an issue. */
async function collect<T>(
  issues: Issue[],
  option: string,
  value: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof InputError || error instanceof VerificationError)) throw error;
    const { message, hint } = error as AppError;
    issues.push({ option, value, message, hint });
    return undefined;
  }
}
