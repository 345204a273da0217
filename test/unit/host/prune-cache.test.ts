import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cached } from '../../../src/host/cache.ts';
import { readCacheContent } from '../../../src/host/cache-content.ts';
import { planPrune, removeThings } from '../../../src/host/prune-cache.ts';
import { findRuns, markRun } from '../../../src/host/run-mark.ts';
import { createTestContext } from '../../helpers/context.ts';

const DAY_MS = 24 * 3_600_000;

/** Makes files below a new cache, each last used so many days ago. */
async function makeCache(t: TestContext, files: Readonly<Record<string, number>>) {
  const context = await createTestContext(t);
  const { cacheDir } = context;
  for (const [name, days] of Object.entries(files)) {
    const path = join(cacheDir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'x'.repeat(10_000));
    await age(path, days);
    for (let at = dirname(path); at !== cacheDir; at = dirname(at)) await age(at, days);
  }
  return { context, cacheDir, names: async () => (await readCacheContent(cacheDir)).map(toName) };
}

async function age(path: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY_MS);
  await utimes(path, time, time);
}

const toName = ({ section, name }: { section: string; name: string }): string => `${section}/${name}`;
const olderThan = (days: number) => ({ olderThanMs: days * DAY_MS, all: false });

test('the entries of a cache, each with its size and last use; a block is an entry of its own', async (t) => {
  const { cacheDir } = await makeCache(t, {
    'bases/debian-bookworm-1/disk.img': 40,
    'bases/debian-bookworm-1/disk.sha256': 40,
    'blocks/xz-9/ab/abcd': 3,
    'blocks/xz-9/ab/abce': 1,
    'logs/1.log': 0,
  });
  const things = await readCacheContent(cacheDir);
  assert.deepEqual(things.map(toName), [
    'bases/debian-bookworm-1',
    'blocks/xz-9/ab/abcd',
    'blocks/xz-9/ab/abce',
    'logs/1.log',
  ]);
  assert.deepEqual(
    things.map(({ usedMs }) => Math.round((Date.now() - usedMs) / DAY_MS)),
    [40, 3, 1, 0],
  );
  for (const { bytes } of things) assert.ok(bytes >= 10_000);
  assert.ok((things[0]?.bytes ?? 0) >= 20_000);
});

test('no cache is an empty one', async (t) => {
  assert.deepEqual(await readCacheContent((await createTestContext(t)).cacheDir), []);
});

test('what was not used for long enough goes, and what a killed run left', async (t) => {
  const { cacheDir, names } = await makeCache(t, {
    'libqmi/old/x': 31,
    'libqmi/new/x': 29,
    'libqmi/.partial-99999999-aa/x': 1,
    'libqmi/.partial-99999999-bb/x': 0,
    'unpacked/disks/.partial-99999999-cc/disk.img': 1,
    'unpacked/disks/old/disk.img': 31,
    'unpacked/disks/new/disk.img': 1,
    'blocks/xz-9/ab/old': 31,
    'blocks/xz-9/ab/new': 29,
  });
  const plan = planPrune(await readCacheContent(cacheDir), olderThan(30), Date.now());
  assert.deepEqual(plan.map(toName), [
    'blocks/xz-9/ab/old',
    'libqmi/.partial-99999999-aa',
    'libqmi/old',
    'unpacked/disks/.partial-99999999-cc',
    'unpacked/disks/old',
  ]);
  assert.deepEqual(await removeThings(cacheDir, plan), []);
  assert.deepEqual(await names(), [
    'blocks/xz-9/ab/new',
    'libqmi/.partial-99999999-bb',
    'libqmi/new',
    'unpacked/disks/new',
  ]);
  const rest = planPrune(await readCacheContent(cacheDir), { olderThanMs: 0, all: true }, Date.now());
  assert.deepEqual(rest.map(toName), ['blocks/xz-9/ab/new', 'libqmi/new', 'unpacked/disks/new']);
});

test('an entry that a build takes from the cache was used now', async (t) => {
  const { context, cacheDir } = await makeCache(t, {});
  await cached(context, 'libqmi', 'key', (folder) => writeFile(join(folder, 'x'), ''));
  await age(join(cacheDir, 'libqmi/key'), 50);
  for (const name of await readdir(join(cacheDir, 'libqmi/key')))
    await age(join(cacheDir, 'libqmi/key', name), 50);
  await cached(context, 'libqmi', 'key', () => assert.fail('it is there'));
  assert.ok((await lstat(join(cacheDir, 'libqmi/key'))).mtimeMs > Date.now() - DAY_MS);
});

test('a link is neither followed nor counted: what it points to stays', async (t) => {
  const { cacheDir } = await makeCache(t, { 'bases/old/disk.img': 90, 'libqmi/old/x': 90 });
  const outside = join(dirname(cacheDir), 'outside');
  await mkdir(join(outside, 'precious'), { recursive: true });
  await writeFile(join(outside, 'precious/file'), 'kept');
  await symlink(outside, join(cacheDir, 'debs'));
  await symlink(outside, join(cacheDir, 'bases/link'));
  await symlink(join(outside, 'precious'), join(cacheDir, 'bases/old/link'));
  const things = planPrune(await readCacheContent(cacheDir), { olderThanMs: 0, all: true }, Date.now());
  assert.deepEqual(things.map(toName), ['bases/link', 'bases/old', 'libqmi/old']);
  assert.ok(things.every(({ bytes }) => bytes < 50_000));
  assert.deepEqual(await removeThings(cacheDir, things), []);
  assert.deepEqual(await readdir(join(cacheDir, 'bases')), []);
  assert.equal(await readFile(join(outside, 'precious/file'), 'utf8'), 'kept');
});

test('a section that became a link since it was listed is left', async (t) => {
  const { cacheDir } = await makeCache(t, { 'blocks/xz-9/ab/old': 90 });
  const outside = join(dirname(cacheDir), 'outside');
  await mkdir(join(outside, 'ab'), { recursive: true });
  await writeFile(join(outside, 'ab/old'), 'kept');
  await mkdir(join(cacheDir, 'other'));
  await symlink(outside, join(cacheDir, 'other/xz-9'));
  const thing = { section: 'other', name: 'xz-9/ab/old', bytes: 0, usedMs: 0 };
  assert.deepEqual(await removeThings(cacheDir, [thing]), [thing]);
  assert.equal(await readFile(join(outside, 'ab/old'), 'utf8'), 'kept');
});

/** A process that has marked its use of a cache and then waits. */
async function startRun(t: TestContext, cacheDir: string): Promise<ChildProcess> {
  const code = `import { markRun } from './src/host/run-mark.ts';
    void markRun(process.argv[1]).then(() => { process.stdout.write('marked'); process.stdin.resume(); });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code, cacheDir]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('a run that is at work is found; one that was killed is not, and its mark goes', async (t) => {
  const { cacheDir } = await makeCache(t, {});
  const unmark = await markRun(cacheDir);
  assert.deepEqual(await findRuns(cacheDir), [], 'this process itself does not count');
  unmark();
  assert.deepEqual(await readdir(join(cacheDir, 'runs')), []);
  const child = await startRun(t, cacheDir);
  assert.deepEqual(await findRuns(cacheDir), [`process ${child.pid}`]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await findRuns(cacheDir), []);
  assert.deepEqual(await readdir(join(cacheDir, 'runs')), []);
});

test('a mark of another container is believed for a day, a process that only has the id is not', async (t) => {
  const { cacheDir } = await makeCache(t, { 'runs/1-a': 0, 'runs/1-b': 2, 'runs/1-c': 0, 'runs/damaged': 0 });
  const other = JSON.stringify({ pid: 1, namespace: 'pid:[1]', startTicks: '5' });
  await writeFile(join(cacheDir, 'runs/1-a'), other);
  await writeFile(join(cacheDir, 'runs/1-b'), other);
  await age(join(cacheDir, 'runs/1-b'), 2);
  const unmark = await markRun(cacheDir);
  const [own = ''] = (await readdir(join(cacheDir, 'runs'))).filter((name) =>
    name.startsWith(`${process.pid}-`),
  );
  const { namespace } = JSON.parse(await readFile(join(cacheDir, 'runs', own), 'utf8'));
  await writeFile(join(cacheDir, 'runs/1-c'), JSON.stringify({ pid: 1, namespace, startTicks: 'other' }));
  assert.deepEqual(await findRuns(cacheDir), ['a container']);
  assert.deepEqual((await readdir(join(cacheDir, 'runs'))).sort(), ['1-a', own].sort());
  unmark();
});
