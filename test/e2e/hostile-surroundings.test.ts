import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ExecResult } from '../../src/core/exec.ts';
import { packageRoot } from '../../src/core/package.ts';
import { createExec } from '../../src/tools/exec.ts';
import { runCli } from '../helpers/cli.ts';

const exec = createExec({ signal: new AbortController().signal });
const CLI = `'${process.execPath}' '${join(packageRoot, 'dist/src/cli.js')}'`;

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-hostile-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A line of bash in which `wwanpi` is the built command. */
function runShell(line: string, cwd: string): Promise<ExecResult> {
  return exec(['bash', '-c', `wwanpi() { ${CLI} "$@"; }; ${line}`], { cwd, okExitCodes: [1, 2, 4, 70, 143] });
}

test('a reader that stops early is not an error', async (t) => {
  const folder = await makeFolder(t);
  const { stdout, stderr } = await runShell(
    'wwanpi carriers | head -1; echo "$' +
      '{PIPESTATUS[0]}"; wwanpi man | true; echo "$' +
      '{PIPESTATUS[0]}"',
    folder,
  );
  assert.equal(stderr, '');
  assert.match(stdout, /^--carrier.*\n0\n0\n$/);
});

test('a result that cannot be written is, with the reason', async (t) => {
  const folder = await makeFolder(t);
  const { exitCode, stderr } = await runShell('wwanpi carriers > /dev/full', folder);
  assert.equal(exitCode, 4);
  assert.equal(stderr, '\nwwanpi: cannot write the result: no space left on the disk\n');
  // The message goes nowhere; the exit code still says it.
  assert.equal((await runShell('wwanpi carriers --country xx 2> /dev/full', folder)).exitCode, 2);
});

test('what is given for an image and is none, or is never there, is said at once', async (t) => {
  const folder = await makeFolder(t);
  await exec(['mkfifo', join(folder, 'fifo')]);
  await writeFile(join(folder, 'file'), '');
  // A boot signature, and no more.
  await writeFile(join(folder, 'disk'), Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa])]));
  await mkdir(join(folder, 'a b\n'));
  const cases: [string[], RegExp][] = [
    [['inspect', 'fifo'], /fifo is not a file; an \.img is needed/],
    [['boot', 'fifo'], /fifo is not a file; an \.img is needed/],
    [['inspect', 'a b\n'], /is not a file/],
    [['inspect', 'file'], /file is not a disk image: neither a raw \.img nor/],
    [['inspect', 'disk'], /not a Raspberry Pi image/],
    [['boot', 'disk', '--keep', 'file'], /cannot make the folder .*file: a file of that name is there/],
    [['boot', 'disk', '--keep', 'file/x'], /part of that path is a file/],
    [['boot', 'disk', '--report', 'x'.repeat(300)], /the name is too long|not a Raspberry Pi image/],
    [['inspect', 'x'.repeat(300)], /cannot read .*x: the name is too long/],
    [['fetch', '--base', 'fifo'], /--base "fifo" is not a file/],
  ];
  for (const [args, message] of cases) {
    const result = await runCli(args, { cwd: folder, env: { XDG_CACHE_HOME: join(folder, 'cache') } });
    assert.equal(result.exitCode, 2, `${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, message);
  }
  assert.deepEqual((await readdir(folder)).sort(), ['a b\n', 'cache', 'disk', 'fifo', 'file']);
});
