/**
 * Runs the tests of `make test`, or the files and folders that are given:
 *
 *     node --import tsx test/runner/run.ts test/unit/formats test/e2e/flash.test.ts
 *
 * `make test-long` gives it test/long.
 *
 * The longest files begin first. Small files share a process; each can be run alone by `node --test` as well. All temporary files are
 * in one folder, which goes with the run, and with the next one if the run is killed.
 */
import { setMaxListeners } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/core/package.ts';
import { removeStale } from '../../src/tools/files/stale.ts';
import { isLong, type Job, LEVELS, LONG_LEVELS, listTestFiles, planJobs, QUICK_LEVELS } from './plan-jobs.ts';
import type { JobTimes } from './test-process.ts';

/** One more than there are processors: a fifth of the time of a job is waits, for servers, screens and limits. A long one has none. */
const countAtOnce = (jobs: readonly Job[]) =>
  availableParallelism() + (jobs.some(({ files }) => files.some(isLong)) ? 0 : 1);

/** What this reads of node:test's TestFail. */
interface TestFail {
  readonly name: string;
  readonly file?: string;
  readonly details: { readonly error: Error };
}

/** What all files of these levels write below the temporary folder at most, with a quarter as much again. */
const ROOMS: readonly { readonly levels: readonly string[]; readonly bytes: number }[] = [
  { levels: QUICK_LEVELS, bytes: 9e9 },
  { levels: LONG_LEVELS, bytes: 23e9 },
];

async function main(given: readonly string[]): Promise<void> {
  const files = chooseFiles(given);
  // Those of runs that were killed.
  await removeStale(tmpdir(), /^wwanpi-tests-(\d+)$/);
  if (!hasRoom(neededRoom(files))) return;
  const folder = join(tmpdir(), `wwanpi-tests-${process.pid}`);
  mkdirSync(folder);
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
  const watch = watchRoom();
  try {
    const failures = await runJobs(planJobs(files), folder, abort.signal);
    process.stdout.write(formatTimes(readTimes(folder), watch.mostBytes()));
    // Last, since a log's end is what is read first.
    process.stdout.write(formatFailures([...failures, ...readReasons(folder)]));
  } finally {
    watch.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
}

function chooseFiles(given: readonly string[]): string[] {
  if (given.length === 0) return listTestFiles(QUICK_LEVELS);
  const wanted = given.map((path) => resolve(path));
  const files = listTestFiles(LEVELS).filter((file) => {
    const path = join(packageRoot, file);
    return wanted.some((each) => path === each || path.startsWith(`${each}/`));
  });
  if (files.length === 0) throw new Error(`no tests in ${given.join(' ')}`);
  return files;
}

/** @returns what failed, a text each */
async function runJobs(jobs: readonly Job[], folder: string, signal: AbortSignal): Promise<string[]> {
  const scripts = jobs.map((job, index) => writeScript(job, folder, join(folder, String(index))));
  const results = run({ files: scripts, concurrency: countAtOnce(jobs), signal });
  const failures: string[] = [];
  results.on('test:fail', (event) => {
    if (event.todo !== undefined || event.skip !== undefined) return;
    process.exitCode = 1;
    // A group fails since one of its own has, which is named itself.
    if (!isOfSubtests(event)) failures.push(describeFailure(event));
  });
  const reported = process.stdout.isTTY ? results.compose(new spec()) : results.compose(tap);
  for await (const text of reported) process.stdout.write(text);
  if (signal.aborted) process.exitCode = 130;
  return failures;
}

function isOfSubtests({ details }: TestFail): boolean {
  return 'failureType' in details.error && details.error.failureType === 'subtestsFailed';
}

const MESSAGE_LINES = 12;

function describeFailure({ name, file, details }: TestFail): string {
  const { cause, message } = details.error;
  const lines = (cause instanceof Error ? cause.message : message).split('\n').slice(0, MESSAGE_LINES);
  const place = file === undefined ? '' : ` (${relative(packageRoot, file)})`;
  return `${name}${place}\n${lines.map((each) => `    ${each}\n`).join('')}`;
}

function formatFailures(failures: readonly string[]): string {
  if (failures.length === 0) return '';
  return `\n${failures.length} failed:\n\n${failures.map((each) => `✖ ${each}`).join('\n')}`;
}

/** A module that imports a job's files one after the other. */
function writeScript({ name, files }: Job, folder: string, own: string): string {
  const link = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, path)).href);
  const lines = [
    `import { beginTestProcess } from ${link('test/runner/test-process.ts')};`,
    `beginTestProcess(${JSON.stringify({ name, folder, own, isShared: files.length > 1 })});`,
    ...files.map((file) => `await import(${link(file)});`),
  ];
  const path = join(folder, `${name}.test.mjs`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** @returns bytes; nothing for a choice of files, which needs a small part of that */
function neededRoom(files: readonly string[]): number {
  const whole = ROOMS.filter(({ levels }) => listTestFiles(levels).every((file) => files.includes(file)));
  return Math.max(0, ...whole.map(({ bytes }) => bytes));
}

function hasRoom(needed: number): boolean {
  const free = freeBytes();
  if (free >= needed) return true;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  process.stderr.write(
    `the tests need ${gigabytes(needed)} GB in ${tmpdir()}, which has ${gigabytes(free)} GB free\n` +
      '→ make room there, or name another folder: TMPDIR=/somewhere/else\n',
  );
  process.exitCode = 2;
  return false;
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize;
}

/** What was written at most, by the file system's own count: of everybody who writes there. */
function watchRoom(): { mostBytes(): number; stop(): void } {
  const before = freeBytes();
  let least = before;
  const timer = setInterval(() => {
    least = Math.min(least, freeBytes());
  }, 500);
  return { mostBytes: () => before - least, stop: () => clearInterval(timer) };
}

function readTimes(folder: string): JobTimes[] {
  return readLines(folder, 'times.jsonl').map((line) => JSON.parse(line) as JobTimes);
}

/** Why jobs failed whose tests may all have passed. */
function readReasons(folder: string): string[] {
  return readLines(folder, 'reasons.txt').map((line) => `${line}\n`);
}

/** What the jobs wrote into a file of the run's; nothing if they were interrupted before. */
function readLines(folder: string, name: string): string[] {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

function formatTimes(times: readonly JobTimes[], mostBytes: number): string {
  const sum = (key: 'seconds' | 'processorSeconds') => times.reduce((all, each) => all + each[key], 0);
  const row = (name: string, seconds: number, processor: number) =>
    `# ${processor.toFixed(1).padStart(8)} s ${seconds.toFixed(1).padStart(8)} s  ${name}\n`;
  const rows = times
    .toSorted((one, other) => other.processorSeconds - one.processorSeconds)
    .map(({ name, seconds, processorSeconds }) => row(name, seconds, processorSeconds));
  return [
    '# processor       time  job\n',
    ...rows,
    row('all', sum('seconds'), sum('processorSeconds')),
    `# at most ${(mostBytes / 1e9).toFixed(1)} GB of ${tmpdir()}\n`,
  ].join('');
}

await main(process.argv.slice(2));
