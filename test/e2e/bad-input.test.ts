import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CliResult, runCli } from '../helpers/cli.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-e2e-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function assertFails(result: CliResult, exitCode: number, ...messages: RegExp[]): void {
  for (const message of messages) assert.match(result.stderr, message);
  assert.equal(result.exitCode, exitCode, result.stderr);
  assert.equal(result.stdout, '');
}

test('every fault of every option is named at once, before any work', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'file');
  await writeFile(file, '');
  const result = await runCli(
    [
      ...[
        'build',
        '--apn',
        'in"ternet,1',
        '--dns',
        'one.one',
        '--metric',
        '-1',
        '--base',
        join(folder, 'none.img'),
      ],
      ...['--output', file, '--bogus', '--ssh-key', join(folder, 'key.pub'), '--hostname', 'a_b'],
      ...['--libqmi-source', join(folder, 'none.tar.xz')],
    ],
    { env: { XDG_CACHE_HOME: join(folder, 'cache') } },
  );
  assertFails(
    result,
    2,
    /--apn /,
    /--dns /,
    /--metric /,
    /--base /,
    /--output /,
    /--bogus /,
    /--ssh-key /,
    /--hostname /,
  );
  assert.match(result.stderr, /--libqmi-source /);
  assert.deepEqual((await readdir(folder)).sort(), ['file']);
});

test('an unknown command or option is refused, with a hint to the list', async () => {
  const cases: [string[], RegExp][] = [
    [[], /→ wwanpi --help lists the commands/],
    [['bulid'], /→ wwanpi --help lists the commands/],
    [['build', 'internet', '--apn', 'internet'], /→ wwanpi build --help-all lists every option/],
    [['doctor', '--fix'], /→ wwanpi doctor --help-all lists every option/],
  ];
  for (const [args, hint] of cases) {
    const result = await runCli(args);
    assert.equal(result.exitCode, 2, result.stderr);
    assert.match(result.stderr, hint);
  }
});

test('an option given twice is named as that, whatever the command', async () => {
  for (const args of [
    ['build', '--apn', 'a', '--apn', 'b', '--dry-run'],
    ['fleet', 'none.yaml', '--output', 'a', '--output=b'],
    ['boot', 'none.img', '--keep', 'a', '--keep', 'b'],
  ]) {
    const result = await runCli(args);
    assertFails(result, 2, /--(apn|output|keep) is given more than once; it takes one value/);
  }
  // A list may be.
  assertFails(await runCli(['build', '--dns', 'x', '--dns', 'y']), 2, /--dns .*x.*y|--dns .*"x"/);
});

test('files that are not images are refused by what they are, and nothing is left behind', async (t) => {
  const folder = await makeFolder(t);
  const cut = Buffer.alloc(100_000);
  cut.set([0x55, 0xaa], 510);
  cut.set([0, 0, 0, 0, 0x0c, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 1, 0], 446);
  cut.set([0, 0, 0, 0, 0x83, 0, 0, 0, 0, 0x20, 1, 0, 0, 0, 1, 0], 462);
  const bases: [string, Buffer, RegExp][] = [
    ['cut.img', cut, /cut short/],
    ['text.img', Buffer.from('no image\n'.repeat(200)), /no disk image|not a disk image/],
    ['broken.img.xz', Buffer.from('fd377a585a000004e6d6b446ffffffffffff', 'hex'), /damaged|cut short/],
    ['broken.zip', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(600)]), /damaged|cut short/],
  ];
  for (const [name, content, message] of bases) {
    await writeFile(join(folder, name), content);
    const result = await runCli(
      ['build', '--apn', 'internet', '--base', join(folder, name), '--output', join(folder, 'out')],
      { env: { XDG_CACHE_HOME: join(folder, 'cache') } },
    );
    assertFails(result, 2, message);
    assert.ok(!(await readdir(folder)).includes('out'), name);
  }
});

test("a base that can't be reached is exit 8 with the URL and the ways out", async (t) => {
  const folder = await makeFolder(t);
  const result = await runCli(['build', '--apn', 'internet', '--output', join(folder, 'out')], {
    env: { XDG_CACHE_HOME: join(folder, 'cache'), WWANPI_DOWNLOADS_URL: 'http://127.0.0.1:9' },
  });
  assertFails(result, 8, /http:\/\/127\.0\.0\.1:9\/raspbian_lite\/images\/raspbian_lite-2019-04-09\//);
  assert.match(result.stderr, /--base debian-bookworm.*--base FILE/);
  assert.equal(result.stderr.match(/http:/g)?.length, 1, result.stderr);
});

test('a download with the wrong hash is exit 5 and never enters the cache', async (t) => {
  const folder = await makeFolder(t);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('not the image');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const result = await runCli(['build', '--apn', 'internet', '--output', join(folder, 'out')], {
    env: { XDG_CACHE_HOME: join(folder, 'cache'), WWANPI_DOWNLOADS_URL: url },
  });
  assertFails(result, 5, /SHA-256 [0-9a-f]{64}; 03ec326d/);
  assert.deepEqual(asked, [
    '/raspbian_lite/images/raspbian_lite-2019-04-09/2019-04-08-raspbian-stretch-lite.zip',
  ]);
  assert.deepEqual(await readdir(join(folder, 'cache/wwanpi/downloads')), []);
});
