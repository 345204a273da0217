import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { DiskError, InputError, InterruptedError } from '../core/errors.ts';
import { createPaint, type Paint } from '../formats/colour.ts';
import { OptionsError } from '../formats/issues.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes } from '../formats/units.ts';
import { CACHE_SECTIONS, type CachedThing, readCacheContent } from '../host/cache-content.ts';
import { type PruneChoice, planPrune, removeThings } from '../host/prune-cache.ts';
import { findRuns } from '../host/run-mark.ts';
import { defaultCacheDir } from '../host/with-run.ts';
import { askLine, canAsk } from './ask.ts';

/** The options of `wwanpi cache`. */
export interface CacheOptions {
  readonly prune: boolean;
  readonly choice: PruneChoice;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly cacheDir: string;
}

const DAY_MS = 24 * 3_600_000;
const USUAL_DAYS = 30;

/** @throws OptionsError on a wrong number, and on options of `prune` without it */
export function parseCacheOptions(argv: Readonly<Record<string, unknown>>): CacheOptions {
  const { olderThan = USUAL_DAYS } = argv;
  const prune = argv.action === 'prune';
  const given = ['older-than', 'all', 'dry-run', 'yes'].filter((name) => argv[name] !== undefined);
  const issues = prune ? [] : given.map((option) => ({ option, message: 'is only for prune' }));
  if (!/^\d{1,5}$/.test(String(olderThan))) {
    issues.push({ option: 'older-than', message: 'needs a number of days' });
  }
  if (issues.length > 0) throw new OptionsError(issues, { hint: 'wwanpi cache prune --older-than 30' });
  return {
    prune,
    choice: { olderThanMs: Number(olderThan) * DAY_MS, all: argv.all === true },
    dryRun: argv.dryRun === true,
    yes: argv.yes === true,
    json: argv.json === true,
    cacheDir: resolve(typeof argv.cacheDir === 'string' ? argv.cacheDir : defaultCacheDir()),
  };
}

/**
 * Lists the cache, or removes from it, after a question on a terminal. Prints to standard output.
 * @throws InputError if another run uses the cache or the cache is another user's, InterruptedError if the answer is no
 */
export async function runCache(options: CacheOptions): Promise<void> {
  const { cacheDir, prune, choice, dryRun, json } = options;
  const things = await readCacheContent(cacheDir);
  const chosen = prune ? planPrune(things, choice, Date.now()) : things;
  const paint = createPaint(process.stdout);
  if (json && (!prune || dryRun)) {
    process.stdout.write(`${JSON.stringify({ cacheDir, entries: chosen.map(describe) }, undefined, 2)}\n`);
    return;
  }
  if (!json) process.stdout.write(formatContent(cacheDir, chosen, prune, Date.now(), paint));
  if (!prune || dryRun || chosen.length === 0) return;
  await assertUnused(cacheDir);
  await confirm(options, chosen);
  const left = await removeThings(cacheDir, chosen);
  const removed = chosen.filter((thing) => !left.includes(thing));
  if (json)
    process.stdout.write(`${JSON.stringify({ cacheDir, removed: removed.map(describe) }, undefined, 2)}\n`);
  else process.stdout.write(`${paint('good', '✓')} removed ${formatBytes(sumBytes(removed))}\n`);
  if (left.length === 0) return;
  const [first] = left;
  throw new DiskError(
    `${left.length} entries could not be removed, such as ${first?.section}/${first?.name}`,
    {
      hint: `look at their owner and mode: ls -l ${cacheDir}`,
    },
  );
}

async function assertUnused(cacheDir: string): Promise<void> {
  const runs = await findRuns(cacheDir);
  if (runs.length === 0) return;
  throw new InputError(`wwanpi is at work in this cache (${runs.join(', ')}); nothing was removed`, {
    hint: 'wait until it has ended, and run the command again',
  });
}

async function confirm({ yes }: CacheOptions, chosen: readonly CachedThing[]): Promise<void> {
  if (yes) return;
  if (!canAsk()) {
    throw new InputError('nobody can be asked here; nothing was removed', {
      hint: 'wwanpi cache prune --yes, in scripts',
    });
  }
  const question = `Remove these ${formatBytes(sumBytes(chosen))}? wwanpi makes them again when it needs them. [y/N] `;
  const answer = await askLine(question, new AbortController().signal);
  if (!/^y(es)?$/i.test(answer)) throw new InterruptedError('nothing was removed');
}

/** One entry for programs. */
function describe({ section, name, bytes, usedMs }: CachedThing): Record<string, unknown> {
  return { section, name, bytes, lastUsed: new Date(usedMs).toISOString() };
}

/** A line for each section, the largest sections as they are in CACHE_SECTIONS, then those that wwanpi does not know. */
function formatContent(
  cacheDir: string,
  things: readonly CachedThing[],
  prune: boolean,
  nowMs: number,
  paint: Paint,
): string {
  const where = printable(
    cacheDir.startsWith(`${homedir()}/`) ? `~${cacheDir.slice(homedir().length)}` : cacheDir,
  );
  if (things.length === 0)
    return prune ? `Nothing to remove in ${where}.\n` : `The cache ${where} is empty.\n`;
  const known = Object.keys(CACHE_SECTIONS);
  const sections = [...new Set([...known, ...things.map(({ section }) => section)])];
  const rows = sections.flatMap((section) => {
    const inside = things.filter((thing) => thing.section === section);
    if (inside.length === 0) return [];
    const used = Math.max(...inside.map(({ usedMs }) => usedMs));
    const what = CACHE_SECTIONS[section] ?? printable(section);
    return [[what, String(inside.length), formatBytes(sumBytes(inside)), formatAge(nowMs - used)]];
  });
  const total = ['all', String(things.length), formatBytes(sumBytes(things)), ''];
  const table = [['', 'entries', 'size', 'last used'], ...rows, total];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map(([what = '', entries = '', size = '', used = '']) =>
    [what.padEnd(widths[0] ?? 0), entries.padStart(widths[1] ?? 0), size.padStart(widths[2] ?? 0), used].join(
      '  ',
    ),
  );
  const title = prune ? `To remove from ${where}:` : `The cache ${where}:`;
  const advice = prune ? [] : ['', 'wwanpi cache prune removes what was not used for 30 days.'];
  return `${[paint('strong', title), ...lines.map((line) => `  ${line}`.trimEnd()), ...advice].join('\n')}\n`;
}

/** "today", "yesterday", "12 days ago". */
function formatAge(ageMs: number): string {
  const days = Math.floor(ageMs / DAY_MS);
  return days <= 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}

function sumBytes(things: readonly CachedThing[]): number {
  return things.reduce((sum, { bytes }) => sum + bytes, 0);
}
