import assert from 'node:assert/strict';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

const SCRIPT = join(renderOverlays(), 'usr/lib/wwanpi/dial');

/** Runs the script under dash with a qmi-network that refuses its first `refusals` starts, as with a stale state. With `isMissed` qmicli fails once. */
async function run(
  t: TestContext,
  setting: {
    args: string[];
    refusals?: number;
    profile?: boolean;
    settings?: string;
    state?: string;
    isMissed?: boolean;
  },
) {
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
  await mkdir(join(root, 'sys/class/net/wwan0'), { recursive: true });
  await writeFile(join(root, 'sys/class/net/wwan0/mtu'), '1500\n');
  await writeFile(join(root, 'settings'), setting.settings ?? '');
  await mkdir(join(root, 'run/wwanpi'));
  await writeFile(join(root, 'run/wwanpi/qmi-network-state-wwan-qmi'), setting.state ?? '');
  const missOne = setting.isMissed ? `[ -e ${root}/asked ] || { echo >${root}/asked; exit 1; }\n` : '';
  const qmicli = `#!/bin/sh\n${missOne}echo "$*" >${root}/asked\ncase $* in *--wds-get-current-settings) [ -s ${root}/settings ] && cat ${root}/settings ;; esac\n`;
  await writeFile(join(root, 'bin/qmicli'), qmicli, { mode: 0o755 });
  await writeFile(join(root, 'bin/ip'), `#!/bin/sh\necho "ip $*" >>${root}/calls\n`, { mode: 0o755 });
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
  const asked = await readFile(join(root, 'asked'), 'utf8').catch(() => '');
  return {
    exitCode,
    stdout,
    stderr,
    asked: asked.trim(),
    calls: calls.map((call) => call.replace(`${root}/`, '')),
  };
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

/** What qmicli 1.16.0 and 1.32.2 print alike (get_current_settings_ready in qmicli-wds.c). */
const settings = (mtu: string) => `[/dev/cdc-wdm0] Current settings retrieved:
           IP Family: IPv4
        IPv4 address: 10.64.64.10
    IPv4 subnet mask: 255.255.255.252
IPv4 gateway address: 10.64.64.9
    IPv4 primary DNS: 10.64.64.9
                 MTU: ${mtu}
             Domains: none
`;

test('the MTU that the modem tells is set, after a start and by itself', async (t) => {
  const set = 'ip link set dev wwan0 mtu 1280';
  const started = await run(t, { args: ['start'], settings: settings('1280') });
  assert.deepEqual([started.exitCode, started.calls.slice(1)], [0, [`${set}`]]);
  assert.match(started.stderr, /^dial: the network's MTU is 1280$/m);
  const alone = await run(t, { args: ['mtu'], settings: settings('1280'), profile: true });
  assert.deepEqual([alone.exitCode, alone.calls], [0, [set]]);
});

test('the MTU is asked by the client that has the call, and the client stays with it', async (t) => {
  const state = 'CID="23"\nPDH="3780116481"\n';
  const { asked } = await run(t, { args: ['mtu'], settings: settings('1280'), state });
  assert.match(asked, / --client-cid=23 --client-no-release-cid --wds-get-current-settings$/);
  const other = await run(t, { args: ['mtu'], settings: settings('1280'), state: 'CID="$(id)"\n' });
  assert.match(other.asked, /wwan-qmi --wds-get-current-settings$/);
});

test('the MTU is asked again when the first answer is missed', async (t) => {
  const { calls } = await run(t, { args: ['start'], settings: settings('1280'), isMissed: true });
  assert.deepEqual(calls, [START, 'ip link set dev wwan0 mtu 1280']);
});

for (const mtu of ['1500', '0', '575', '1501', '4294967295', '01280', '1280 x', '$(reboot)', '-1280', '']) {
  test(`an MTU of ${JSON.stringify(mtu)} is left alone, and dialling succeeds all the same`, async (t) => {
    const { exitCode, calls, stderr } = await run(t, { args: ['start'], settings: settings(mtu) });
    assert.deepEqual([exitCode, calls, stderr], [0, [START], 'error\n']);
  });
}

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
