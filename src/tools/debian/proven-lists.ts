import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { discard } from '../files/discard.ts';
import { compareSums, type FolderSums, listSums, parseSums, toReadFault } from '../files/folder-sums.ts';

/** One version of a release's package lists in the cache, unchanged since apt checked their signature. */
export interface ProvenLists {
  readonly path: string;
  readonly ageMs: number;
  /** The suites that could be fetched. Their mirror and key are never read from the cache. */
  readonly suites: readonly string[];
}

const FACTS_NAME = 'lists.json';
/** Not apt's index of them (cache/*.bin): it has a hash of its own, and apt makes a damaged one again (2.6). */
const LISTS = 'state/lists';
/** apt's own; only their owner can read them, and a cache may be another user's. */
const LEFT_OUT = ['lock', 'partial', 'auxfiles'];

/** Suites of the lists that a run has checked already, by path. */
const proven = new WeakMap<Context, Map<string, readonly string[]>>();

/** Writes the suites and the hashes of all lists into a folder of newly fetched lists. */
export async function sealLists(
  folder: string,
  suites: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const sums = await listSums(join(folder, LISTS), signal, LEFT_OUT);
  await writeFile(join(folder, FACTS_NAME), JSON.stringify({ suites, sums }));
}

/** The newest undamaged lists of one release, and the paths of older ones. Damaged lists are removed. */
export async function findLists(
  context: Context,
  section: string,
  key: string,
): Promise<{ newest: ProvenLists | undefined; older: readonly string[] }> {
  const folders = await listFolders(section, key);
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path, ageMs } = folder;
    const known = proven.get(context)?.get(path);
    const suites = known ?? (await prove(context, path));
    if (typeof suites !== 'string') {
      const kept = proven.get(context) ?? new Map<string, readonly string[]>();
      proven.set(context, kept.set(path, suites));
      return { newest: { path, ageMs, suites }, older: folders.map((older) => older.path) };
    }
    await discard(context, path, suites);
  }
  return { newest: undefined, older: [] };
}

/** The newest last. */
async function listFolders(section: string, key: string): Promise<{ path: string; ageMs: number }[]> {
  const names = await readdir(section).catch(() => []);
  return names
    .flatMap((name) => {
      const time = new RegExp(`^${key}-(\\d+)$`).exec(name)?.[1];
      return time === undefined ? [] : [{ path: join(section, name), ageMs: Date.now() - Number(time) }];
    })
    .filter(({ ageMs }) => ageMs >= 0)
    .sort((a, b) => b.ageMs - a.ageMs);
}

/** The suites, or the damage. */
async function prove(context: Context, folder: string): Promise<readonly string[] | string> {
  const facts = parseFacts(await readFile(join(folder, FACTS_NAME), 'utf8').catch(() => ''));
  if (facts === undefined) return `${FACTS_NAME} is missing or damaged`;
  const found = await listSums(join(folder, LISTS), context.signal, LEFT_OUT).catch(toReadFault);
  if (typeof found === 'string') return found;
  return compareSums(facts.sums, found) ?? facts.suites;
}

function parseFacts(text: string): { suites: readonly string[]; sums: FolderSums } | undefined {
  try {
    const { suites, sums } = JSON.parse(text);
    const known = parseSums(JSON.stringify(sums));
    const isList = Array.isArray(suites) && suites.every((suite) => typeof suite === 'string');
    return isList && known !== undefined ? { suites, sums: known } : undefined;
  } catch {
    return undefined;
  }
}
