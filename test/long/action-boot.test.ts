import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';
import { createRunner } from '../helpers/action-runner.ts';
import { type ActionFile, readYaml } from '../helpers/ci-files.ts';

test('the action boots its compressed image and leaves its report', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-action-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const workspace = join(folder, 'workspace');
  // In place of the step that makes wwanpi from its sources: the built one of this folder.
  const bin = join(folder, 'runner/temp/wwanpi');
  await Promise.all([workspace, bin].map((path) => mkdir(path, { recursive: true })));
  await symlink(join(packageRoot, 'dist/src/cli.js'), join(bin, 'wwanpi'));
  process.env.PATH = `${bin}:${process.env.PATH}`;
  const runner = await createRunner(readYaml<ActionFile>('action.yml'), {
    ...{ folder: join(folder, 'runner'), workspace, actionPath: packageRoot },
  });
  const result = await runner.runAction(
    {
      ...{ apn: 'internet', base: 'debian-bookworm', compress: 'zstd', level: '1', 'keep-image': 'false' },
      boot: 'online',
    },
    ['wwanpi'],
  );
  assert.equal(result.exitCode, 0, result.output);
  assert.deepEqual(result.ran.slice(-3), ['Build', 'Boot', 'Summary']);
  assert.match(result.output, /PASSED {2}wwanpi-debian-bookworm-internet\.img, scenario online/);
  const report = join(workspace, 'out/boot/wwanpi-debian-bookworm-internet-online.xml');
  assert.match(await readFile(report, 'utf8'), /<testsuites? .*failures="0"/);
});
