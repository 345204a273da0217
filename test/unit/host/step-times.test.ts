import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeStep, type Reporter, type StepHint, silentReporter } from '../../../src/core/reporter.ts';
import { timeSteps } from '../../../src/host/step-times.ts';

async function makeCache(t: TestContext): Promise<{ cacheDir: string; path: string }> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'wwanpi-times-'));
  t.after(() => rm(cacheDir, { recursive: true, force: true }));
  await mkdir(join(cacheDir, 'logs'));
  return { cacheDir, path: join(cacheDir, 'logs/step-times.json') };
}

/** Runs steps of some seconds each, and gives what was said about them. */
async function run(cacheDir: string, steps: Readonly<Record<string, number>>): Promise<StepHint[]> {
  const hints: StepHint[] = [];
  let clock = 0;
  const base: Reporter = {
    ...silentReporter,
    step: (_title, hint = {}) => {
      hints.push(hint);
      return makeStep();
    },
  };
  const { report, save } = await timeSteps(base, cacheDir, () => clock);
  for (const [title, seconds] of Object.entries(steps)) {
    const step = report.step(title, { note: 'takes minutes' });
    clock += seconds * 1000;
    step();
  }
  await save();
  return hints;
}

test('a long step is known in the next run, and a short one keeps the time of the last long one', async (t) => {
  const { cacheDir } = await makeCache(t);
  const note = 'takes minutes';
  assert.deepEqual(await run(cacheDir, { Base: 130, Plan: 1 }), [
    { note, usualSeconds: undefined },
    { note, usualSeconds: undefined },
  ]);
  assert.deepEqual(await run(cacheDir, { Base: 0, Plan: 1 }), [
    { note, usualSeconds: 130 },
    { note, usualSeconds: undefined },
  ]);
  assert.deepEqual(await run(cacheDir, { Base: 90 }), [{ note, usualSeconds: 130 }]);
  assert.deepEqual(await run(cacheDir, { Base: 0 }), [{ note, usualSeconds: 90 }]);
});

const broken: readonly [what: string, text: string][] = [
  ['no JSON', '{'],
  ['another shape', '{"format":1,"seconds":[1]}'],
  ['text that drives a terminal', JSON.stringify({ format: 1, seconds: { 'a\u001b[2J': 9 } })],
  ['a time that is none', '{"format":1,"seconds":{"Base":-1}}'],
  ['a huge file', `{"format":1,"seconds":{}}${' '.repeat(70_000)}`],
];

for (const [what, text] of broken) {
  test(`${what} counts as empty, and is written anew`, async (t) => {
    const { cacheDir, path } = await makeCache(t);
    await writeFile(path, text);
    assert.equal((await run(cacheDir, { Base: 60 }))[0]?.usualSeconds, undefined);
    assert.equal(await readFile(path, 'utf8'), '{"format":1,"seconds":{"Base":60}}\n');
  });
}

test('a symlink is not read, and its target not written', async (t) => {
  const { cacheDir, path } = await makeCache(t);
  const target = join(cacheDir, 'target');
  await writeFile(target, '{"format":1,"seconds":{"Base":77}}');
  await symlink(target, path);
  assert.equal((await run(cacheDir, { Base: 60 }))[0]?.usualSeconds, undefined);
  assert.match(await readFile(target, 'utf8'), /77/);
});

test('a cache that cannot be written is no error', async (t) => {
  const { cacheDir } = await makeCache(t);
  await rm(join(cacheDir, 'logs'), { recursive: true });
  await writeFile(join(cacheDir, 'logs'), '');
  assert.equal((await run(cacheDir, { Base: 60 }))[0]?.usualSeconds, undefined);
});
