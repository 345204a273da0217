import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { checkSources } from '../../../src/base/check-sources.ts';
import {
  type Findings,
  formatFindings,
  formatFindingsJson,
  isComplete,
  listMissingPackages,
  tidyVersion,
} from '../../../src/commands/doctor.ts';
import { checkMachine } from '../../../src/host/check-machine.ts';
import { HOST_TOOLS } from '../../../src/host/host-tools.ts';
import { probeUrl } from '../../../src/tools/probe-url.ts';
import { createTestContext } from '../../helpers/context.ts';
import { assertGoldenScreen } from '../../helpers/screen.ts';

const plain = (_: unknown, text: string): string => text;

/** A machine that lacks two programs, room and a server. */
const findings: Findings = {
  tools: HOST_TOOLS.map((tool) => ({
    tool,
    version: ['zstd', 'arch-test'].includes(tool.program)
      ? undefined
      : `${tool.program} (GNU) version 12.34.5 (x)`,
  })),
  machine: [
    { name: 'disk', ok: false, found: '1.2 GB free in /home/you/.cache/wwanpi', hint: '3 GB are better' },
    { name: 'memory', ok: true, found: '4.1 GB available' },
    {
      ...{ name: 'raspbian', ok: false, found: 'downloads.example.org does not answer in 5 s' },
      hint: 'use --base debian-bookworm, or --base FILE, an image you have',
    },
  ],
};

test('wwanpi doctor at 80 columns: programs in columns, what is missing with its reason, then the machine', async () => {
  const text = formatFindings(findings, plain, 80);
  await assertGoldenScreen('doctor', text.trimEnd());
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  assert.ok(
    formatFindings(findings, plain, 40)
      .split('\n')
      .every((line) => line.length <= 40),
  );
  assert.equal(isComplete(findings), false);
});

test('wwanpi doctor --json has every program, its version and its package, and every check', () => {
  const { tools, machine, ...others } = JSON.parse(formatFindingsJson(findings));
  assert.deepEqual(others, { complete: false, missingPackages: ['arch-test', 'zstd'] });
  assert.deepEqual(
    tools.map(({ program }: { program: string }) => program),
    HOST_TOOLS.map(({ program }) => program),
  );
  assert.equal(tools[0].version, '12.34.5');
  assert.equal(tools.find(({ program }: { program: string }) => program === 'zstd').version, null);
  assert.deepEqual(machine[1], { name: 'memory', ok: true, found: '4.1 GB available', hint: null });
});

const versions: [string, string][] = [
  ['*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***', '1.5.4'],
  ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)', '7.2.22'],
  ["Debian 'dpkg-deb' package archive backend version 1.21.22 (amd64).", '1.21.22'],
  ['qemu-arm version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)', '7.2.22'],
  ['OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)', '3.0.17'],
  ['mke2fs 1.47.0 (5-Feb-2023)', '1.47.0'],
  ['kmod version 30', '30'],
  ['glib-mkenums version glib-2.74.6', '2.74.6'],
  ['Debian LLD 14.0.6 (compatible with GNU linkers)', '14.0.6'],
  ['version unknown', 'version unknown'],
];
for (const [text, version] of versions) {
  test(`${text} is ${version}`, () => assert.equal(tidyVersion(text), version));
}

test('the checks of this machine have names, and a hint where something is wrong', async (t) => {
  const checks = await checkMachine(await createTestContext(t));
  assert.deepEqual(
    checks.map(({ name }) => name),
    ['disk', 'temp', 'memory', 'armhf', 'arm64', 'root'],
  );
  for (const { ok, found, hint, name } of checks) {
    assert.ok(found.length > 5, name);
    assert.equal(hint === undefined, ok, name);
  }
});

test('a server that never answers is given up, and one that is not there is named', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { signal } = new AbortController();
  assert.equal(await probeUrl(`http://127.0.0.1:${port}/x`, 200, signal), 'does not answer in 0.2 s');
  assert.match((await probeUrl('http://127.0.0.1:1/x', 5000, signal)) ?? '', /^cannot be reached \(/);
});

test('a mirror of Raspberry Pi that is not there, with a password in its address: neither waits nor tells it', async (t) => {
  const before = process.env.WWANPI_DOWNLOADS_URL;
  process.env.WWANPI_DOWNLOADS_URL = 'http://user:secret@127.0.0.1:1';
  t.after(() => {
    if (before === undefined) delete process.env.WWANPI_DOWNLOADS_URL;
    else process.env.WWANPI_DOWNLOADS_URL = before;
  });
  const checks = await checkSources(await createTestContext(t));
  const raspbian = checks.find(({ name }) => name === 'raspbian');
  assert.equal(raspbian?.ok, false);
  assert.match(raspbian?.found ?? '', /^127\.0\.0\.1:1 cannot be reached/);
  assert.doesNotMatch(JSON.stringify(checks), /secret/);
  assert.equal(checks.find(({ name }) => name === 'bases')?.found, 'none in the cache yet');
});

test('what --missing prints is what the JSON calls missingPackages', async (t) => {
  const packages = await listMissingPackages(await createTestContext(t));
  assert.deepEqual(packages, [...new Set(packages)].sort());
});
