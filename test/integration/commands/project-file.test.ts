import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { assertGoldenScreen, openScreen } from '../../helpers/screen.ts';

/** What a person sees of `wwanpi init`, and of a wwanpi.yaml with mistakes, on a screen of 80 columns. */

const SOURCES = [
  process.execPath,
  ...['--import', join(packageRoot, 'node_modules/tsx/dist/loader.mjs')],
  join(packageRoot, 'src/cli.ts'),
];

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** The screen after each of the commands, which are run in one folder. */
async function show(t: TestContext, cwd: string, lines: readonly string[][]): Promise<string> {
  const shown: string[] = [];
  for (const args of lines) {
    const screen = openScreen(t, [...SOURCES, ...args], { cwd });
    const exitCode = await screen.exited();
    shown.push(`$ wwanpi ${args.join(' ')}`, screen.history().trimEnd(), `(exit code ${exitCode})`, '');
  }
  return shown.join('\n').trimEnd();
}

test('init writes a file once; nothing in it is set, so build asks for the APN', async (t) => {
  const folder = await makeFolder(t);
  await assertGoldenScreen(
    'project/init',
    await show(t, folder, [['init'], ['init'], ['init', '--fleet'], ['build']]),
  );
});

test('a file with mistakes: every one with its line, and that of the command line', async (t) => {
  const folder = await makeFolder(t);
  const lines = [
    'carier: us/metropcs',
    'hostnam: my-pi',
    'timezone: America/Argentina',
    'locale: de_DE',
    'metric: fast',
    'password-env: NO_SUCH_PASSWORD',
    'output: elsewhere',
  ];
  await writeFile(join(folder, 'wwanpi.yaml'), `${lines.join('\n')}\n`);
  const screen = await show(t, folder, [['build', '--user', 'Anna']]);
  await assertGoldenScreen('project/mistakes', screen);
});

test('a build in another folder does not use the file', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'wwanpi.yaml'), 'apn: internet\n');
  const screen = openScreen(t, [...SOURCES, 'build'], { cwd: join(folder, '..') });
  assert.equal(await screen.exited(), 2);
  assert.doesNotMatch(screen.history(), /wwanpi\.yaml/);
});
