import assert from 'node:assert/strict';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { overlaysFolder } from '../../../src/customise/read-overlay.ts';
import { createTestContext } from '../../helpers/context.ts';

const SCRIPT = join(overlaysFolder(), 'usr/lib/wwanpi/dial');

/** Runs the script under dash with a qmi-network that refuses its first `refusals` starts, as with a stale state. */
async function run(t: TestContext, setting: { args: string[]; refusals?: number; profile?: boolean }) {
  const { exec, tmpDir } = await createTestContext(t);
  const root = await realpath(tmpDir);
  for (const folder of ['bin', 'dev', 'etc', 'run']) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'dev/wwan-qmi'), '');
  await writeFile(join(root, 'calls'), '');
  if (setting.profile === true) await writeFile(join(root, 'etc/qmi-network.conf'), 'APN=internet\n');
  const lines = [
    '#!/bin/sh',
    `echo "$APN $*" >>${root}/calls`,
    'echo password',
    'echo error >&2',
    `[ "$2" = stop ] || [ $(grep -c start ${root}/calls) -gt ${setting.refusals ?? 0} ] || exit 3`,
  ];
  await writeFile(join(root, 'bin/qmi-network'), `${lines.join('\n')}\n`, { mode: 0o755 });
  const { exitCode, stdout, stderr } = await exec(['dash', SCRIPT, ...setting.args], {
    env: {
      APN: 'internet',
      WWANPI_ROOT: root,
      WWANPI_PATH: `${join(root, 'bin')}:/usr/bin:/bin`,
      WWANPI_PAUSE: '0',
    },
    okExitCodes: [2, 3],
  });
  const calls = (await readFile(join(root, 'calls'), 'utf8')).trim().split('\n').filter(Boolean);
  return { exitCode, stdout, stderr, calls: calls.map((call) => call.replace(`${root}/`, '')) };
}

const START = 'internet dev/wwan-qmi start';
const STOP = 'internet dev/wwan-qmi stop';

test('dial start clears a stale state and dials again, and fails when dialling fails', async (t) => {
  const once = await run(t, { args: ['start'] });
  assert.deepEqual([once.exitCode, once.calls, once.stderr], [0, [START], 'error\n']);
  const twice = await run(t, { args: ['start'], refusals: 1 });
  assert.deepEqual([twice.exitCode, twice.calls], [0, [START, STOP, START]]);
  assert.match(twice.stderr, /^dial: try 1 of 6 failed \(qmi-network exit status 3\); trying again in 5 s$/m);
  const never = await run(t, { args: ['start'], refusals: 99 });
  const again = Array.from({ length: 5 }, () => [STOP, START]).flat();
  assert.deepEqual([never.exitCode, never.calls], [3, [START, ...again]]);
  assert.match(never.stderr, /^dial: try 6 of 6 failed \(qmi-network exit status 3\); giving up\n$/m);
});

test('dial stop ends the call', async (t) => {
  const { exitCode, calls } = await run(t, { args: ['stop'] });
  assert.deepEqual([exitCode, calls], [0, [STOP]]);
});

test('with a profile, the output of qmi-network is dropped, which has the password; errors are kept', async (t) => {
  const plain = await run(t, { args: ['start'], refusals: 1 });
  assert.match(plain.stdout, /password/);
  for (const args of [['start'], ['stop']]) {
    const { stdout, stderr } = await run(t, { args, refusals: 1, profile: true });
    assert.equal(stdout, '');
    assert.match(stderr, /^error$/m);
  }
});

test('a wrong call is refused', async (t) => {
  const { exitCode, calls, stderr } = await run(t, { args: [] });
  assert.deepEqual([exitCode, calls], [2, []]);
  assert.match(stderr, /^usage: /);
});
