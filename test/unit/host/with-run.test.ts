import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import test from 'node:test';
import { silentReporter } from '../../../src/core/reporter.ts';
import { withRun } from '../../../src/host/with-run.ts';
import { createTestContext } from '../../helpers/context.ts';

test('a relative cache folder becomes absolute, since programs run in folders of their own', async (t) => {
  const { cacheDir } = await createTestContext(t);
  const found = await withRun(
    { report: silentReporter, cacheDir: relative(process.cwd(), cacheDir) },
    async ({ context }) => context.cacheDir,
  );
  assert.ok(isAbsolute(found));
  assert.equal(found, cacheDir);
});

test('the log has what programs said, and is closed when the run ends', async (t) => {
  const { cacheDir } = await createTestContext(t);
  const path = await withRun({ report: silentReporter, cacheDir }, async ({ context, logPath }) => {
    await context.exec(['echo', 'hello']);
    return logPath;
  });
  assert.equal(dirname(path), join(cacheDir, 'logs'));
  assert.match(await readFile(path, 'utf8'), /^\+ echo hello\nhello\n$/);
});

test('a cache that cannot be written does not keep a run from starting', async (t) => {
  const { cacheDir } = await createTestContext(t);
  // A file in the way, since no permission stops root.
  await mkdir(cacheDir);
  await writeFile(join(cacheDir, 'logs'), 'in the way');
  const path = await withRun({ report: silentReporter, cacheDir }, async ({ logPath }) => logPath);
  t.after(() => rm(path, { force: true }));
  assert.notEqual(dirname(path), cacheDir);
  assert.equal((await readFile(path)).length, 0);
});
