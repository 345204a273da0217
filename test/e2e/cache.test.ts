import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { markRun } from '../../src/host/run-mark.ts';
import { runCli } from '../helpers/cli.ts';
import { assertGoldenScreen, KEYS, openWwanpi } from '../helpers/screen.ts';

const DAY_MS = 24 * 3_600_000;
const FILES: Readonly<Record<string, number>> = {
  'bases/debian-bookworm-1/disk.img': 12,
  'libqmi/aa/qmicli': 40,
  'libqmi/bb/qmicli': 1,
  'debs/cc/x.deb': 400,
  'blocks/xz-9/ab/abcd': 40,
  'logs/1.log': 0,
  'something/else': 2,
};

async function makeCache(t: TestContext): Promise<string> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'wwanpi-cache-'));
  t.after(() => rm(cacheDir, { recursive: true, force: true }));
  for (const [name, days] of Object.entries(FILES)) {
    const path = join(cacheDir, name);
    const time = new Date(Date.now() - days * DAY_MS - 3_600_000);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'x'.repeat(8192));
    for (let at = path; at !== cacheDir; at = dirname(at)) await utimes(at, time, time);
  }
  return cacheDir;
}

test('wwanpi cache lists the cache at 80x24', async (t) => {
  const cacheDir = await makeCache(t);
  const screen = openWwanpi(t, ['cache', '--cache-dir', cacheDir]);
  assert.equal(await screen.exited(), 0);
  await assertGoldenScreen('cache', screen.text(), { [cacheDir]: '/CACHE' });
});

test('wwanpi cache prune asks; no removes nothing, and yes removes what is old', async (t) => {
  const cacheDir = await makeCache(t);
  const prune = ['cache', 'prune', '--cache-dir', cacheDir];
  const refused = openWwanpi(t, prune);
  await refused.waitForText('[y/N]');
  refused.type(`n${KEYS.enter}`);
  assert.equal(await refused.exited(), 130);
  assert.deepEqual((await readdir(join(cacheDir, 'libqmi'))).sort(), ['aa', 'bb']);
  const screen = openWwanpi(t, prune);
  await screen.waitForText('[y/N]');
  screen.type(`y${KEYS.enter}`);
  assert.equal(await screen.exited(), 0);
  await assertGoldenScreen('cache-prune', screen.text(), { [cacheDir]: '/CACHE' });
  assert.deepEqual(await readdir(join(cacheDir, 'libqmi')), ['bb']);
  assert.deepEqual(await readdir(join(cacheDir, 'debs')), []);
  assert.deepEqual(await readdir(join(cacheDir, 'bases')), ['debian-bookworm-1']);
});

test('wwanpi cache prune in a script: --dry-run and --json, --yes, and no answer without a terminal', async (t) => {
  const cacheDir = await makeCache(t);
  const run = (...args: string[]) => runCli(['cache', ...args, '--cache-dir', cacheDir]);
  const plan = JSON.parse((await run('prune', '--dry-run', '--json')).stdout);
  const names = (list: { section: string; name: string }[]) =>
    list.map(({ section, name }) => `${section}/${name}`);
  const old = ['blocks/xz-9/ab/abcd', 'debs/cc', 'libqmi/aa'];
  assert.deepEqual(names(plan.entries), old);
  const unasked = await run('prune');
  assert.equal(unasked.exitCode, 2);
  assert.match(unasked.stderr, /nobody can be asked here; nothing was removed[\s\S]*--yes/);
  const unmark = await markRun(cacheDir);
  const busy = await run('prune', '--yes');
  assert.equal(busy.exitCode, 2);
  assert.match(
    busy.stderr,
    new RegExp(`at work in this cache \\(process ${process.pid}\\); nothing was removed`),
  );
  unmark();
  const done = JSON.parse((await run('prune', '--yes', '--json')).stdout);
  assert.deepEqual(names(done.removed), old);
  assert.equal((await run('prune', '--all', '--yes')).exitCode, 0);
  assert.match((await run()).stdout, /is empty/);
  assert.equal((await run('prune', '--older-than', 'x')).exitCode, 2);
  assert.equal((await run('--all')).exitCode, 2);
});
