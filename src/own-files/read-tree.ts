import { constants, type Dirent, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { explainFileError, InputError, InterruptedError } from '../core/errors.ts';
import { parseOwners } from '../formats/config/owners.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { formatBytes } from '../formats/units.ts';
import type { OwnerRule, TreeEntry } from '../recipe/own-files.ts';
import { type Keeper, keepFile } from './keep-content.ts';

/** An extra tree, read; and everything in it that cannot go into an image, each a sentence without its subject. */
export interface ReadTree {
  /** Sorted by path, folders before what is in them. */
  readonly entries: readonly TreeEntry[];
  readonly owners: readonly OwnerRule[];
  readonly faults: readonly string[];
}

/** At the top of a tree; says who owns its files, and is not copied. */
export const OWNERS_FILE = '.wwanpi-owners';

/** Ends the reading, where other faults of a tree are collected. */
class TooLarge extends InputError {}

const MAX_ENTRIES = 20_000;
const MAX_DEPTH = 40;
const MAX_FILE_BYTES = 2 * 2 ** 30;
const MAX_TREE_BYTES = 4 * 2 ** 30;
const MAX_OWNERS_BYTES = 64 * 1024;

/**
 * Reads every file, folder and symlink of a tree once. No symlink is followed, and the tree is not left even if
 * somebody swaps a folder for a link meanwhile: each name is looked up in a folder that is open, as openat(2) does.
 * @throws InputError with a reason without its subject when it is too large or cannot be read, InterruptedError
 */
export async function readTree(root: string, keeper: Keeper): Promise<ReadTree> {
  const entries: TreeEntry[] = [];
  const owners: OwnerRule[] = [];
  const faults: string[] = [];
  let count = 0;
  let bytes = 0;
  const limit = (what: string) =>
    new TooLarge(`has ${what}`, { hint: 'name a folder that has only what the Pi needs' });

  const addFile = async (place: string, path: string): Promise<void> => {
    const kept = await keepFile(place, keeper, MAX_FILE_BYTES);
    bytes += kept.sizeBytes;
    if (bytes > MAX_TREE_BYTES) throw limit(`more than ${formatBytes(MAX_TREE_BYTES)}`);
    entries.push({ kind: 'file', path, mode: kept.mode, content: kept.content });
  };
  const visit = async (folder: FileHandle, path: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw limit(`folders more than ${MAX_DEPTH} deep`);
    for (const entry of await listNames(folder)) {
      if (keeper.signal.aborted) throw new InterruptedError('interrupted');
      count += 1;
      if (count > MAX_ENTRIES) throw limit(`more than ${MAX_ENTRIES} files`);
      const name = entry.name.toString('utf8');
      const here = `${path}/${name}`;
      const fault = findNameFault(entry.name);
      const place = `${pathOf(folder)}/${name}`;
      if (fault !== undefined) faults.push(`has ${quoteForMessage(here.slice(1))}, ${fault}`);
      else if (depth === 0 && name === OWNERS_FILE) await readOwners(place, root, keeper, owners, faults);
      else {
        try {
          if (entry.isDirectory()) {
            await withFolder(place, async (handle, stats) => {
              entries.push({ kind: 'directory', path: here, mode: stats.mode & 0o7777 });
              await visit(handle, here, depth + 1);
            });
          } else if (entry.isSymbolicLink()) entries.push(await readSymlink(place, here));
          else if (entry.isFile()) await addFile(place, here);
          else throw new InputError(`is a ${describeKind(entry)}, which an image cannot get`);
        } catch (error) {
          if (!(error instanceof InputError) || error instanceof TooLarge) throw error;
          faults.push(`has ${quoteForMessage(here.slice(1))}, which ${error.message}`);
        }
      }
    }
  };
  await withFolder(root, (handle) => visit(handle, '', 0), 'follow');
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { entries, owners, faults };
}

async function withFolder(
  place: string,
  use: (handle: FileHandle, stats: Stats) => Promise<void>,
  follow?: 'follow',
): Promise<void> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const flags = O_RDONLY | O_DIRECTORY | (follow === undefined ? O_NOFOLLOW : 0);
  const handle = await open(place, flags).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot be read: ${explainFileError(error)}`, { cause: error });
  });
  try {
    await use(handle, await handle.stat());
  } finally {
    await handle.close();
  }
}

/** The open folder itself, whatever has its name by now (proc_pid_fd(5)). */
function pathOf(folder: FileHandle): string {
  return `/proc/self/fd/${folder.fd}`;
}

async function listNames(folder: FileHandle): Promise<Dirent<Buffer>[]> {
  const names = await readdir(pathOf(folder), { withFileTypes: true, encoding: 'buffer' });
  return names.sort((a, b) => Buffer.compare(a.name, b.name));
}

async function readSymlink(place: string, path: string): Promise<TreeEntry> {
  const target = await readlink(place, 'buffer').catch((cause: unknown) => {
    throw new InputError('changed while it was read; run the command again', { cause });
  });
  const fault = findNameFault(target);
  if (fault !== undefined)
    throw new InputError(`is a link to ${quoteForMessage(target.toString())}, ${fault}`);
  return { kind: 'symlink', path, target: target.toString() };
}

/** What debugfs cannot write (formats/ext4/debugfs-script.ts), and what is no text. */
function findNameFault(name: Buffer): string | undefined {
  if (!Buffer.from(name.toString('utf8')).equals(name)) return 'a name that is not UTF-8';
  if (/[\x00-\x1f\x7f"]/.test(name.toString())) return 'a name with a control character or a double quote';
  return undefined;
}

async function readOwners(
  place: string,
  root: string,
  keeper: Keeper,
  owners: OwnerRule[],
  faults: string[],
): Promise<void> {
  const file = `${basename(root)}/${OWNERS_FILE}`;
  try {
    const { content } = await keepFile(place, keeper, MAX_OWNERS_BYTES);
    const parsed = parseOwners(Buffer.from(content as Uint8Array).toString('utf8'));
    owners.push(...parsed.lines.map(({ line, ...rule }) => ({ ...rule, place: `${file}, line ${line}` })));
    faults.push(...parsed.faults.map(({ line, message }) => `: ${file}, line ${line}: ${message}`));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    faults.push(`has ${OWNERS_FILE}, which ${error.message}`);
  }
}

function describeKind(entry: Dirent<Buffer>): string {
  if (entry.isFIFO()) return 'pipe';
  return entry.isSocket() ? 'socket' : 'device';
}
