import assert from 'node:assert/strict';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { createFakePi, dial, type FakePi } from '../../helpers/fake-pi.ts';

/** Tier 1 for the supervisor: each rung of its ladder against the stick's own QMI, with real qmicli and qmi-network. */

const SCRIPT = 'usr/lib/wwanpi/supervise';

async function watch(
  t: TestContext,
  setting: {
    readonly behaviour?: BehaviourInput;
    readonly files?: Readonly<Record<string, string>>;
    readonly rounds: number;
    readonly conf?: string;
    readonly prepare?: (pi: FakePi) => Promise<void>;
  },
) {
  const pi = await createFakePi(t, { apns: [{ apn: 'internet' }], ...setting.behaviour });
  const conf = setting.conf ?? 'REBOOT_AFTER=0';
  await pi.put(
    'etc/wwanpi/supervisor.conf',
    `# data\nINTERVAL=1\nDEAD_AFTER=4\nPROBE=9.9.9.9\nAPN=internet\n${conf}\n`,
  );
  for (const [path, text] of Object.entries(setting.files ?? {})) await pi.put(path, text);
  await setting.prepare?.(pi);
  const { said } = await pi.run(SCRIPT, { WWANPI_ROUNDS: String(setting.rounds), WWANPI_LONGEST_PAUSE: '8' });
  const calls = await pi.calls();
  const dialled = pi.modem.events.filter((event) => event.type === 'call' && event.what === 'start').length;
  return { pi, said, calls, dialled };
}

// Few at a time: qmicli gives a stick ten seconds for an answer, however busy this machine is.
describe('the supervisor', { concurrency: 2 }, () => {
  test('a link that is well is left in peace: traffic is proof, and nothing is asked', async (t) => {
    const { pi, said, calls } = await watch(t, {
      rounds: 9,
      prepare: async (made) => {
        // Traffic, at each look another count: the packets are the seconds.
        const path = '$pi/sys/devices/1-1/1-1:1.1/net/wwan0/statistics/rx_packets';
        await made.standIn('sleep', `pass "$1"; cut -d . -f 1 "$pi/proc/uptime" >"${path}"`);
      },
    });
    assert.match(said, /^up: wwan0 with \d+\n$/);
    assert.deepEqual(calls, []);
    assert.deepEqual(
      pi.modem.events.filter((event) => event.type === 'qmi'),
      [],
    );
  });

  test('a quiet link is pinged, and that is all', async (t) => {
    const { pi, said, calls, dialled } = await watch(t, {
      rounds: 6,
      files: { pings: 'always\n' },
      // ifup's own call.
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.doesNotMatch(said, /step/);
    assert.deepEqual(calls, []);
    assert.equal(dialled, 1);
    const asked = pi.modem.events.filter((event) => event.type === 'qmi' && event.service !== 'CTL');
    assert.deepEqual(
      asked.map((event) => event.type === 'qmi' && event.message),
      ['0x0020'],
      'the stick was asked nothing but the call',
    );
  });

  test('step 1: nothing comes back, a new lease helps', async (t) => {
    const { said, calls, dialled } = await watch(t, {
      rounds: 9,
      files: { pings: 'after dhclient\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(
      said,
      /step 1 renew: nothing has come back over wwan0 for 4 s\nwell: wwan0 is online again after 5 s\n/,
    );
    assert.deepEqual(calls, ['dhclient -4 -1 -e IF_METRIC=6000'], 'with the metric of the stanza');
    assert.equal(dialled, 1);
  });

  test('step 2: the network ended the call; it is dialled again though qmi-network remembers the old one', async (t) => {
    const { pi, said, dialled } = await watch(t, {
      rounds: 8,
      files: { pings: 'call\n' },
      prepare: async (made) => {
        const name = basename(await realpath(join(made.folder, 'dev/wwan-qmi')));
        const path = `/tmp/qmi-network-state-${name}`;
        await writeFile(path, 'CID="77"\nPDH="1"\n');
        t.after(() => rm(path, { force: true }));
      },
    });
    assert.match(said, /step 2 qmi: the call has ended\n(well|up)/);
    assert.equal(dialled, 1);
    assert.ok(!pi.modem.events.some((event) => event.type === 'call' && event.what === 'refuse'));
  });

  test('step 3: ifup failed, and nobody else would try again', async (t) => {
    const unit = 'ActiveState=failed\n';
    const { said, calls } = await watch(t, { rounds: 3, files: { ifstate: '\n', unit } });
    assert.match(said, /^step 3 ifupdown: ifup of wwan0 failed$/m);
    assert.deepEqual(calls.slice(0, 2), [
      'ifdown --force wwan0',
      'systemctl --no-block restart ifup@wwan0.service',
    ]);
  });

  test('step 3: systemd 232 calls a unit active whose ifup failed, and that is no hand', async (t) => {
    const unit = 'ActiveState=active\nResult=exit-code\n';
    const { said, calls } = await watch(t, { rounds: 3, files: { ifstate: '\n', unit } });
    assert.match(said, /^step 3 ifupdown: ifup of wwan0 failed$/m);
    assert.equal(calls[0], 'ifdown --force wwan0');
  });

  test('step 3: udev never had it brought up', async (t) => {
    const unit = 'ActiveState=inactive\nInactiveEnterTimestampMonotonic=0\nActiveEnterTimestampMonotonic=9\n';
    const { said } = await watch(t, { rounds: 3, files: { ifstate: '\n', unit } });
    assert.match(said, /^step 3 ifupdown: nobody has brought wwan0 up$/m);
  });

  test('step 4: a stick that answers nothing is cut from its power and given it again', async (t) => {
    const { pi, said } = await watch(t, { behaviour: { faults: [{ what: 'qmi' }] }, rounds: 5 });
    assert.match(said, /^step 4 usb-port: .* the stick does not answer QMI$/m);
    assert.equal(await pi.read('sys/devices/1-1/authorized'), '1\n');
    assert.doesNotMatch(said, /step [123]/, 'no step that would only wait for the stick');
  });

  test('after the last step it waits, and longer each time', async (t) => {
    const { said } = await watch(t, { rounds: 40, prepare: async (pi) => void (await dial(pi)) });
    const steps = said.match(/step \d|waiting \d+ s/g);
    assert.deepEqual(steps?.slice(0, 6), ['step 1', 'step 2', 'step 3', 'step 4', 'waiting 4 s', 'step 1']);
    assert.ok(steps?.includes('waiting 8 s'), said);
  });

  test('what was taken down by hand stays down', async (t) => {
    for (const unit of [
      'ActiveState=active\nResult=success\n',
      'ActiveState=inactive\nInactiveEnterTimestampMonotonic=50\nActiveEnterTimestampMonotonic=9\n',
    ]) {
      const { said, calls } = await watch(t, { rounds: 4, files: { ifstate: '\n', unit } });
      assert.match(said, /^left alone: wwan0 was taken down by hand;.*\n$/);
      assert.deepEqual(calls, []);
    }
  });

  test('while somebody dials nothing is done', async (t) => {
    const tables: readonly Readonly<Record<string, string>>[] = [
      { ifstate: '\n', unit: 'ActiveState=activating\n' },
      { ifstate: '\n', unit: 'ActiveState=failed\n', 'proc/77/comm': 'qmi-network\n' },
    ];
    for (const files of tables) {
      const { said, calls } = await watch(t, { rounds: 4, files });
      assert.deepEqual([said, calls], ['', []]);
    }
  });

  test('without a network it waits for one, since no step brings it', async (t) => {
    const behaviour = { signal: { appearsAfterMs: 3_600_000 } };
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n' };
    const { said, calls } = await watch(t, { behaviour, rounds: 8, files });
    assert.equal(said, 'waiting: the stick finds no network\n');
    assert.deepEqual(calls, []);
  });

  test('a refusal is named, and asked again less and less often', async (t) => {
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n', journal: '(6,27): [3gpp] unknown-apn\n' };
    const { said } = await watch(t, { rounds: 12, files });
    assert.match(
      said,
      /step 3 ifupdown: ifup of wwan0 failed: the network refuses the APN internet\nwaiting 4 s: the network refuses the APN internet; build [^\n]*\nstep 3[\s\S]*waiting 8 s/,
    );
    assert.doesNotMatch(said, /step 4/, 'power does not change what the network thinks');
  });

  test('a network without IPv4 is said to be one', async (t) => {
    const files = {
      ifstate: '\n',
      unit: 'ActiveState=failed\n',
      journal: '(6,51): [3gpp] ipv6-only-allowed\n',
    };
    const { said } = await watch(t, { rounds: 5, files });
    assert.match(said, /ipv6-only: the network gives the APN internet no IPv4/);
  });

  test('a wrong PIN stops it for good', async (t) => {
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n', 'var/lib/wwanpi/pin-wrong': 'abc wrong\n' };
    const { said, calls } = await watch(t, { rounds: 4, files });
    assert.match(said, /^stopped: the PIN is wrong/);
    assert.deepEqual(calls, []);
  });

  test('it reboots only where wanted, after the time, and each time later', async (t) => {
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n' };
    const never = await watch(t, { rounds: 4, files });
    assert.ok(!never.calls.includes('systemctl reboot'));
    const wanted = await watch(t, { rounds: 130, files, conf: 'REBOOT_AFTER=1' });
    assert.deepEqual(wanted.said.match(/step 5 .*/g), [
      'step 5 reboot: offline for 1 min',
      'step 5 reboot: offline for 2 min',
    ]);
    assert.equal(wanted.calls.filter((call) => call === 'systemctl reboot').length, 2, wanted.said);
    assert.equal(await wanted.pi.read('var/lib/wwanpi/reboots'), '2\n');
  });
});
