import assert from 'node:assert/strict';
import { chown, realpath, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { dial, type FakePi } from '../../helpers/fake-pi.ts';
import { userLack } from '../../helpers/throwaway-user.ts';
import { serveAt, watch } from '../../helpers/watch-pi.ts';

/** Tier 1 for the supervisor: each of its recovery levels against the modem's QMI, with real qmicli and qmi-network. */

/**
 * Counts packets that come in over wwan0, as many as the shell expression `more` says, while the supervisor sleeps.
 * `$pi` is the folder.
 */
async function receivePackets(pi: FakePi, more: string): Promise<void> {
  const path = '$pi/sys/devices/1-1/1-1:1.1/net/wwan0/statistics/rx_packets';
  await pi.standIn(
    'sleep',
    `pass "$1"\nread -r packets <"${path}"\necho "$((packets + ${more}))" >"${path}"`,
  );
}

/** What the line on the consoles needs: the serving system and the signal. */
const DETAILS = ['NAS 0x0024', 'NAS 0x0020'];

function listAsked({ modem }: FakePi): string[] {
  return modem.events.flatMap((event) =>
    event.type === 'qmi' && event.service !== 'CTL' ? [`${event.service} ${event.message}`] : [],
  );
}

// Few at a time: qmicli gives a modem ten seconds for an answer, however busy this machine is.
describe('the supervisor', { concurrency: 2 }, () => {
  test('a link that is well is left in peace: traffic is proof, and nothing is asked but carrier and signal, once', async (t) => {
    const { pi, said, calls } = await watch(t, {
      rounds: 9,
      prepare: (made) => receivePackets(made, '1'),
    });
    assert.match(said, /^online: wwan0 uses \d+\n$/);
    assert.deepEqual(calls, []);
    assert.deepEqual(listAsked(pi), DETAILS);
  });

  test('a quiet link is pinged, and that is all', async (t) => {
    const { pi, said, calls, dialled } = await watch(t, {
      rounds: 6,
      files: { pings: 'always\n' },
      // ifup's own call.
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.doesNotMatch(said, /recovery level/);
    assert.deepEqual(calls, []);
    assert.equal(dialled, 1);
    assert.deepEqual(listAsked(pi), ['WDS 0x0020', ...DETAILS], 'the stick was asked nothing but the call');
  });

  test('level 1: nothing comes back, a new lease helps', async (t) => {
    const { said, calls, dialled } = await watch(t, {
      rounds: 9,
      files: { pings: 'always\nafter dhclient\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(
      said,
      /recovery level 1: nothing received on wwan0 for \d+ s; asking for an address again\nrecovered: wwan0 is online again/,
    );
    assert.deepEqual(calls, ['dhclient -4 -1 -e IF_METRIC=6000'], 'with the metric of the stanza');
    assert.equal(dialled, 1);
  });

  test('level 2: the network ended the call; it is dialled again though qmi-network remembers the old one', async (t) => {
    const { pi, said, dialled } = await watch(t, {
      rounds: 8,
      files: { pings: 'call\n' },
      prepare: async (made) => {
        const name = basename(await realpath(join(made.folder, 'dev/wwan-qmi')));
        await made.put(`run/wwanpi/qmi-network-state-${name}`, 'CID="77"\nPDH="1"\n');
      },
    });
    assert.match(said, /recovery level 2: the call has ended; dialling again\n(recovered|online)/);
    assert.equal(dialled, 1);
    assert.ok(!pi.modem.events.some((event) => event.type === 'call' && event.what === 'refuse'));
  });

  test('level 2: the new call has another MTU, told by QMI alone', async (t) => {
    const { calls } = await watch(t, {
      behaviour: { network: { mtu: 1280 } },
      rounds: 8,
      files: { pings: 'call\n' },
    });
    assert.equal(calls[0], 'ip link set dev wwan0 mtu 1280');
  });

  test('level 3: ifup failed, and nobody else would try again', async (t) => {
    const unit = 'ActiveState=failed\n';
    const { said, calls } = await watch(t, { rounds: 3, files: { ifstate: '\n', unit } });
    assert.match(said, /^recovery level 3: ifup of wwan0 failed; restarting ifup$/m);
    assert.deepEqual(calls.slice(0, 2), [
      'ifdown --force wwan0',
      'systemctl --no-block restart ifup@wwan0.service',
    ]);
  });

  test('level 3: systemd 232 calls a unit active whose ifup failed, and that is no hand', async (t) => {
    const unit = 'ActiveState=active\nResult=exit-code\n';
    const { said, calls } = await watch(t, { rounds: 3, files: { ifstate: '\n', unit } });
    assert.match(said, /^recovery level 3: ifup of wwan0 failed; restarting ifup$/m);
    assert.equal(calls[0], 'ifdown --force wwan0');
  });

  test('level 3: udev never had it brought up', async (t) => {
    const unit = 'ActiveState=inactive\nInactiveEnterTimestampMonotonic=0\nActiveEnterTimestampMonotonic=9\n';
    const { said } = await watch(t, { rounds: 3, files: { ifstate: '\n', unit } });
    assert.match(said, /^recovery level 3: nothing has brought wwan0 up; restarting ifup$/m);
  });

  test('level 4: a stick that answers nothing is cut from its power and given it again', async (t) => {
    const { pi, said } = await watch(t, { behaviour: { faults: [{ what: 'qmi' }] }, rounds: 5 });
    assert.match(said, /^recovery level 4: .* the modem does not answer QMI; power-cycling the modem$/m);
    assert.equal(await pi.read('sys/devices/1-1/authorized'), '1\n');
    assert.doesNotMatch(said, /level [123]/, 'no level that would only wait for the modem');
  });

  test('where no ping was ever answered, silence is no failure, and that is said once', async (t) => {
    const { said, calls, dialled } = await watch(t, {
      rounds: 16,
      files: { pings: 'never\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(said, /^online: [^\n]*\nsilence is not counted: [^\n]* has ever answered; [^\n]*\n$/);
    assert.deepEqual(calls, []);
    assert.equal(dialled, 1);
  });

  test('where pings are filtered, another answer is proof, and that is said once', async (t) => {
    const { said, calls, dialled } = await watch(t, {
      rounds: 16,
      files: { answers: 'always the name server 10.64.64.9\nalways a TCP connection to 9.9.9.9\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(
      said,
      /^pings are filtered: none of 9\.9\.9\.9 answers one, but the name server[^\n]*\nonline: .*\n$/,
    );
    assert.deepEqual(calls, []);
    assert.equal(dialled, 1);
  });

  test('where pings are filtered, a link that is dead is found dead by the other answer, and online again by it', async (t) => {
    const works = 'always the name server 10.64.64.9\n';
    const { said, calls } = await watch(t, {
      rounds: 14,
      files: { answers: `${works}never\nnever\nnever\n${works}` },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(said, /level 1: nothing received on wwan0 for \d+ s; [^\n]*\nrecovered: /);
    assert.deepEqual(calls, ['dhclient -4 -1 -e IF_METRIC=6000']);
  });

  test('where pings were answered once and are filtered now, nothing is done', async (t) => {
    const { said, calls } = await watch(t, {
      rounds: 12,
      files: { pings: 'always\nnever\n', answers: 'always the name server 10.64.64.9\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(said, /^online: [^\n]*\npings are filtered: [^\n]*\n$/);
    assert.deepEqual(calls, []);
  });

  test('where nothing ever answered but the gateway to ARP, its silence is death', async (t) => {
    const reachable = '10.64.64.9 lladdr 02:50:f3:00:00:00 REACHABLE\n';
    const { said } = await watch(t, {
      rounds: 24,
      files: { neighbour: `${reachable}${reachable}10.64.64.9 FAILED\n` },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(said, /^online: [^\n]*\nsilence is not counted: [^\n]*\nrecovery level 1: nothing received/);
  });

  test("a dead link is not kept alive by the modem's own answers to ARP", async (t) => {
    const { said } = await watch(t, {
      rounds: 30,
      prepare: async (pi) => {
        await dial(pi);
        await pi.standIn('ping', 'echo . >>"$pi/pinged"; (($(wc -l <"$pi/pinged") < 2))');
        await receivePackets(pi, '$(($(wc -l <"$pi/pinged") > 1))');
      },
    });
    const levels = said.match(/level \d|waiting \d+ s/g);
    assert.deepEqual(levels?.slice(0, 5), ['level 1', 'level 2', 'level 3', 'level 4', 'waiting 4 s'], said);
  });

  for (const [level, since] of [
    [1, 'grep -q ^dhclient "$pi/calls"'],
    [2, '(($(grep -c ^dhclient "$pi/calls") > 1))'],
    [3, 'grep -q "^systemctl --no-block restart" "$pi/calls"'],
    // Of the four, only this one sleeps 3 s.
    [4, '[[ $1 == 3 ]] && touch "$pi/cut"; [[ -e $pi/cut ]]'],
  ] as const) {
    test(`packets that come in after level ${level} show that it helped`, async (t) => {
      const { said } = await watch(t, {
        rounds: 8 + 5 * level,
        files: { pings: 'always\nnever\n' },
        prepare: async (pi) => {
          await dial(pi);
          await receivePackets(
            pi,
            `$({ ${since}; } >/dev/null 2>&1 && echo ${level < 3 ? 5 : 12} || echo 0)`,
          );
        },
      });
      assert.match(said, new RegExp(`level ${level}: [^\\n]*\\nrecovered: wwan0 is online again`));
      assert.doesNotMatch(said, new RegExp(`level ${level + 1}`));
    });
  }

  test("a dead link is not online by the modem's own answers to DHCP after ifup was restarted", async (t) => {
    const { said } = await watch(t, {
      rounds: 24,
      files: { pings: 'always\nnever\n' },
      prepare: async (pi) => {
        await dial(pi);
        await pi.standIn(
          'systemctl',
          'case $1 in show) grep -h "^$3=" "$pi/unit" ;; *) call "$0" "$@"; echo ActiveState=activating >"$pi/unit" ;; esac',
        );
        const dialled = 'echo ActiveState=active >"$pi/unit"; echo 6';
        await receivePackets(
          pi,
          `$(if grep -q activating "$pi/unit"; then [[ -e $pi/seen ]] && { rm "$pi/seen"; ${dialled}; } || { touch "$pi/seen"; echo 0; }; else echo 0; fi)`,
        );
      },
    });
    assert.match(said, /level 3: [^\n]*\nrecovery level 4: /, said);
    assert.doesNotMatch(said, /recovered/);
  });

  test('where no ping was ever answered, a call that has ended is dialled again, once', async (t) => {
    const { said, dialled } = await watch(t, { rounds: 16, files: { pings: 'never\n' } });
    assert.match(said, /level 2: the call has ended; dialling again\n(silence[^\n]*\n)?recovered/);
    assert.doesNotMatch(said, /level [134]/);
    assert.equal(dialled, 1);
  });

  test('where pings are no longer answered, traffic still shows that a recovery level helped', async (t) => {
    const { said } = await watch(t, {
      rounds: 14,
      files: { pings: 'always\nnever\n' },
      prepare: async (made) => {
        await dial(made);
        await receivePackets(made, '$(wc -l <"$pi/calls") * 30');
      },
    });
    assert.match(said, /level 1: [^\n]*\nrecovered: wwan0 is online again/);
    assert.doesNotMatch(said, /level 2/);
  });

  test('after the last level it waits, and longer each time', async (t) => {
    const { said } = await watch(t, {
      rounds: 40,
      files: { pings: 'always\nnever\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    const levels = said.match(/level \d|waiting \d+ s/g);
    assert.deepEqual(levels?.slice(0, 6), [
      'level 1',
      'level 2',
      'level 3',
      'level 4',
      'waiting 4 s',
      'level 1',
    ]);
    assert.ok(levels?.includes('waiting 8 s'), said);
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
    const settings: readonly Readonly<Record<string, string>>[] = [
      { ifstate: '\n', unit: 'ActiveState=activating\n' },
      // Stretch's ifup@ is active as soon as it starts: here its shell has not come to run ifup yet.
      { ifstate: '\n', unit: 'ActiveState=active\nSubState=running\nResult=success\n' },
      { ifstate: '\n', unit: 'ActiveState=failed\n', 'proc/77/comm': 'qmi-network\n' },
    ];
    for (const files of settings) {
      const { said, calls } = await watch(t, { rounds: 4, files });
      assert.deepEqual([said, calls], ['', []]);
    }
  });

  test('an ifup that ends between two questions is no hand', async (t) => {
    const { said } = await watch(t, {
      rounds: 4,
      files: {
        pings: 'always\n',
        unit: 'ActiveState=active\nSubState=exited\nResult=success\n',
      },
      prepare: async (pi) => {
        const once = '[[ -e $pi/asked ]] || { touch "$pi/asked"; exit 1; }';
        await pi.standIn('ifquery', `[[ $1 != --state ]] || { ${once}; }; echo 'metric: 6000'`);
        await pi.standIn('ping', '[[ -e $pi/asked ]]');
      },
    });
    assert.match(said, /^online: wwan0 uses \d+\n$/);
  });

  test('a process that another user named like a dialling one does not stop it', async (t) => {
    const other = userLack();
    const { said } = await watch(t, {
      rounds: 3,
      files: {
        ifstate: '\n',
        unit: 'ActiveState=failed\n',
        'proc/77/comm': 'ifup\n',
        'proc/78/comm': 'ifup\n',
      },
      prepare: async ({ folder }) => {
        // One of a set-user-ID program, which runs as root; one of another user, where there can be one.
        await symlink('/bin/su', join(folder, 'proc/77/exe'));
        if (other === undefined) await chown(join(folder, 'proc/78'), 65_534, 65_534);
        else await rm(join(folder, 'proc/78'), { recursive: true });
      },
    });
    assert.match(said, /^recovery level 3: ifup of wwan0 failed; restarting ifup$/m);
    if (other !== undefined) t.diagnostic(`a process of another user was not tried: ${other}`);
  });

  test('without a network it waits for one, since no level brings it', async (t) => {
    const behaviour = { signal: { appearsAfterMs: 3_600_000 } };
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n' };
    const { said, calls } = await watch(t, { behaviour, rounds: 8, files });
    assert.equal(said, 'waiting: the modem finds no network\n');
    assert.deepEqual(calls, []);
  });

  test('a network that refuses the SIM is said to do so', async (t) => {
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n' };
    const { said, calls } = await watch(t, { behaviour: { registrationDenied: true }, rounds: 4, files });
    assert.match(said, /^waiting: the network refuses this SIM[^\n]*\n$/);
    assert.deepEqual(calls, []);
  });

  test('a modem without a SIM is said to have none', async (t) => {
    const behaviour: BehaviourInput = { sim: 'absent' };
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n' };
    const { said, calls } = await watch(t, {
      behaviour,
      rounds: 4,
      files,
      prepare: (made) => serveAt(t, made),
    });
    assert.match(said, /^waiting: the modem has no SIM card[^\n]*\n$/);
    assert.deepEqual(calls, []);
  });

  test('a modem without free QMI client ids is power-cycled at once', async (t) => {
    const { said } = await watch(t, {
      behaviour: { faults: [{ what: 'clients-exhausted' }] },
      rounds: 3,
      files: { ifstate: '\n', unit: 'ActiveState=failed\n' },
    });
    assert.match(said, /^recovery level 4: the modem has no free QMI client ids; power-cycling the modem$/m);
    assert.doesNotMatch(said, /no network/);
  });

  test('nothing is done when somebody begins to dial during the check', async (t) => {
    const { said, calls } = await watch(t, {
      rounds: 3,
      files: { ifstate: '\n', unit: 'ActiveState=failed\n' },
      prepare: (made) =>
        made.standIn(
          'qmicli',
          '[[ $* != *serving* ]] || echo ActiveState=activating >"$pi/unit"\nexec /usr/bin/qmicli --device-open-qmi "$@"',
        ),
    });
    assert.deepEqual([said, calls], ['', []]);
  });

  test('a modem without free QMI client ids is power-cycled though ifup holds its call to be up', async (t) => {
    const { said } = await watch(t, {
      behaviour: { faults: [{ after: 'call', ms: 0, what: 'clients-exhausted' }] },
      rounds: 8,
      files: { pings: 'always\nnever\n' },
      prepare: async (pi) => void (await dial(pi)),
    });
    assert.match(said, /level 4: nothing received [^\n]* no free QMI client ids; power-cycling the modem/);
    assert.doesNotMatch(said, /level [123]/);
  });

  test('nothing is done when somebody begins to dial while the reason of a refusal is read', async (t) => {
    const { said, calls } = await watch(t, {
      rounds: 3,
      files: { ifstate: '\n', unit: 'ActiveState=failed\n', journal: '(6,27): [3gpp] unknown-apn\n' },
      prepare: (made) =>
        made.standIn('journalctl', 'echo ActiveState=activating >"$pi/unit"; cat "$pi/journal"'),
    });
    assert.deepEqual([said, calls], ['', []]);
  });

  test('a refusal is named, and asked again less and less often', async (t) => {
    const files = { ifstate: '\n', unit: 'ActiveState=failed\n', journal: '(6,27): [3gpp] unknown-apn\n' };
    const { said } = await watch(t, { rounds: 12, files });
    assert.match(
      said,
      /level 3: ifup of wwan0 failed: the network refuses the APN internet; restarting ifup\nwaiting 4 s: the network refuses the APN internet; write [^\n]*\nrecovery level 3[\s\S]*waiting 8 s/,
    );
    assert.doesNotMatch(said, /level 4/, 'power does not change what the network thinks');
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
    // 0.1 minutes can't be set: the count of earlier reboots has to be seen to matter instead.
    const soon = await watch(t, { rounds: 64, files, conf: 'REBOOT_AFTER=1' });
    assert.equal(soon.calls.filter((call) => call === 'systemctl reboot').length, 1, soon.said);
    assert.equal(await soon.pi.read('var/lib/wwanpi/reboots'), '1\n');
    const often = { ...files, 'var/lib/wwanpi/reboots': '08\n' };
    const later = await watch(t, { rounds: 64, files: often, conf: 'REBOOT_AFTER=1' });
    assert.ok(!later.calls.includes('systemctl reboot'));
    assert.doesNotMatch(later.said, /value too great/);
  });
});
