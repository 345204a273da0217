import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { createNmPi, type FakeNmPi, routeTable } from '../../helpers/fake-nm-pi.ts';

/** The supervisor of the stack of NetworkManager: each state and each recovery level. */

const SUPERVISE = 'usr/lib/wwanpi/supervise';
const REFUSED =
  '<warn>  [1796.1] modem-broadband[cdc-wdm0]: failed to connect modem: Requested service option not subscribed: option-unsubscribed: Requested service option not subscribed\n';

async function watch(
  t: TestContext,
  rounds: number,
  prepare: (pi: FakeNmPi) => Promise<void>,
  conf = 'REBOOT_AFTER=0',
) {
  const pi = await createNmPi(t);
  await pi.put('etc/wwanpi/supervisor.conf', `# data\nINTERVAL=1\nDEAD_AFTER=4\nPROBE=9.9.9.9\n${conf}\n`);
  await prepare(pi);
  const { said } = await pi.run(SUPERVISE, { WWANPI_ROUNDS: String(rounds), WWANPI_LONGEST_PAUSE: '8' });
  return { pi, said, calls: await pi.calls(), line: await pi.read('run/wwanpi/status') };
}

const UP = 'nmcli --wait 90 connection up id wwanpi ifname cdc-wdm0';
const RESTART = 'systemctl restart ModemManager.service';
const RESET = 'mmcli -m /org/freedesktop/ModemManager1/Modem/0 --reset';

describe('the supervisor of NetworkManager', { concurrency: 2 }, () => {
  test('a link that is online is left in peace', async (t) => {
    const { said, calls, line } = await watch(t, 9, async () => {});
    assert.equal(said, 'online: wwan0 uses cdc-wdm0\n');
    assert.deepEqual(calls, []);
    assert.equal(line, 'LTE: online, Test Mobile, 10.64.64.10, signal good\n');
  });

  test('the interface may have another name', async (t) => {
    const { said } = await watch(t, 3, async (pi) => {
      await pi.put('sys/class/net/wwx0250f3000000/statistics/rx_packets', '7\n');
      await pi.device(100, 0, 'wwx0250f3000000');
    });
    assert.equal(said, 'online: wwx0250f3000000 uses cdc-wdm0\n');
  });

  test('the interface gets the MTU of the call, which NetworkManager leaves out, and no odd one', async (t) => {
    const mtu = (value: string) => (pi: FakeNmPi) => pi.put('bearer', `bearer.ipv4-config.mtu : ${value}\n`);
    const { said, calls } = await watch(t, 9, mtu('1280'));
    assert.equal(said, "online: wwan0 uses cdc-wdm0\nthe network's MTU is 1280\n");
    assert.deepEqual(calls, ['ip link set dev wwan0 mtu 1280']);
    for (const odd of ['--', '1501', '575', '08x0', '9999999']) {
      const other = await watch(t, 3, mtu(odd));
      assert.deepEqual([other.said, other.calls], ['online: wwan0 uses cdc-wdm0\n', []], odd);
    }
    const smaller = await watch(t, 3, async (pi) => {
      await mtu('1400')(pi);
      await pi.put('sys/class/net/wwan0/mtu', '1280\n');
    });
    assert.deepEqual(smaller.calls, []);
  });

  test('level 1: nothing comes back; dialling again helps', async (t) => {
    const { said, calls } = await watch(t, 12, (pi) => pi.put('pings', 'always\nafter nmcli\n'));
    assert.match(
      said,
      /^recovery level 1: nothing received on wwan0 for \d+ s; dialling again\nrecovered: wwan0 is online again after \d+ s$/m,
    );
    assert.deepEqual(calls, [UP]);
  });

  test('the levels follow each other, then come longer and longer waits', async (t) => {
    const { pi, said, calls } = await watch(t, 60, (pi) => pi.put('pings', 'always\nnever\n'));
    assert.match(
      said,
      /level 1: .*\n.*level 2: .*restarting ModemManager\n.*level 3: .*\n.*level 4: .*\nwaiting 4 s: /,
    );
    assert.deepEqual(calls.slice(0, 3), [UP, RESTART, RESET]);
    assert.equal(await pi.read('sys/devices/usb1/1-1/authorized'), '1\n');
  });

  test('a modem that hangs looks connected, and is power-cycled at once', async (t) => {
    const { said, calls } = await watch(t, 12, async (pi) => {
      await pi.put('pings', 'always\nnever\n');
      await pi.put('cell', "error: couldn't get cell info from the modem: 'Transaction timed out'\n");
    });
    assert.match(
      said,
      /^recovery level 4: nothing received on wwan0 for \d+ s, and the modem does not answer; power-cycling the modem$/m,
    );
    assert.deepEqual(calls, []);
  });

  test('a modem that has forgotten ModemManager: it is restarted, before the silence is long enough', async (t) => {
    const forgets =
      "'GDBus.Error:org.freedesktop.ModemManager1.Error.Core.Protocol: QMI protocol error (7): 'InvalidClientId''";
    for (const pings of ['always\nnever\n', 'never\n']) {
      const prepare = async (pi: FakeNmPi) => {
        await pi.put('pings', pings);
        await pi.put('cell', `error: couldn't get cell info from the modem: ${forgets}\n`);
      };
      const { said, calls } = await watch(t, 8, prepare, 'DEAD_AFTER=12\nREBOOT_AFTER=0');
      assert.match(
        said,
        /^recovery level 2: the modem has forgotten ModemManager; restarting ModemManager$/m,
        pings,
      );
      assert.deepEqual(calls, [RESTART]);
    }
  });

  test('a modem that answers is left alone while the silence is short', async (t) => {
    const { said, calls } = await watch(
      t,
      8,
      (pi) => pi.put('pings', 'always\nnever\n'),
      'DEAD_AFTER=12\nREBOOT_AFTER=0',
    );
    assert.deepEqual([said, calls], ['online: wwan0 uses cdc-wdm0\n', []]);
  });

  test('a network that answers nothing at all: silence is no proof', async (t) => {
    const { said, calls } = await watch(t, 20, (pi) => pi.put('pings', 'never\n'));
    assert.match(said, /silence is not counted/);
    assert.deepEqual(calls, []);
  });

  test('no modem, and one that ModemManager does not find: restart it, then power-cycle the port', async (t) => {
    const none = await watch(t, 30, async (pi) => {
      await pi.device();
      await pi.remove('modem');
      await pi.remove('sys/bus/usb/drivers/qmi_wwan/1-1:1.1');
    });
    assert.deepEqual([none.said, none.calls], ['', []]);
    assert.equal(none.line, 'LTE: no modem; plug it in\n');
    const unlisted = await watch(t, 16, async (pi) => {
      await pi.device();
      await pi.remove('modem');
    });
    assert.match(
      unlisted.said,
      /^recovery level 2: ModemManager has not found the modem for \d+ s; restarting ModemManager\nrecovery level 4: ModemManager has not found .*; power-cycling the modem$/m,
    );
    assert.deepEqual(unlisted.calls, [RESTART]);
  });

  test('dialling is left alone for a while, then helped', async (t) => {
    const short = await watch(t, 9, (pi) => pi.device(40));
    assert.deepEqual([short.said, short.calls], ['', []]);
    assert.equal(short.line, 'LTE: dialling, APN internet\n');
    const rests = await watch(t, 9, (pi) => pi.device(30));
    assert.match(rests.said, /^recovery level 1: no connection for \d+ s; dialling again$/m);
    const long = await watch(t, 20, (pi) => pi.device(40));
    assert.match(long.said, /^recovery level 1: no connection for \d+ s; dialling again$/m);
  });

  test('what a person turned off stays off', async (t) => {
    for (const [state, reason, what, command] of [
      [30, 39, 'LTE was disconnected', 'nmcli connection up wwanpi'],
      [10, 39, 'cdc-wdm0 was given up', 'nmcli device set cdc-wdm0 managed yes'],
      [10, 37, 'networking was turned off', 'nmcli networking on'],
      [10, 73, 'networking was turned off', 'nmcli networking on'],
      [10, 75, 'cdc-wdm0 was given up', 'nmcli device set cdc-wdm0 managed yes'],
    ] as const) {
      const { said, calls, line } = await watch(t, 30, (pi) => pi.device(state, reason));
      assert.equal(said, `left alone: ${what} by hand; to resume, run "${command}"\n`);
      assert.deepEqual(calls, []);
      assert.equal(line, `LTE: off by hand; to dial again: sudo ${command}\n`);
    }
    const radio = await watch(t, 30, async (pi) => {
      await pi.device(20, 0);
      await pi.put('radio', 'disabled\n');
    });
    assert.match(radio.said, /^left alone: the radio was turned off by hand; .*nmcli radio wwan on"$/m);
  });

  test('what no recovery level can help is said, and waited for', async (t) => {
    for (const [changes, reason] of [
      [
        { 'generic.state': 'searching', '3gpp.registration-state': 'searching' },
        'the modem finds no network',
      ],
      [
        { 'generic.state': 'enabled', '3gpp.registration-state': 'idle' },
        'the modem finds no network that takes this SIM',
      ],
      [
        { 'generic.state': 'enabled', '3gpp.registration-state': 'denied' },
        'the network refuses this SIM (registration denied); ask the carrier',
      ],
      [
        {
          ...{ 'generic.state': 'searching', '3gpp.registration-state': 'searching' },
          '3gpp.network-rejection-error': 'plmn-not-allowed',
        },
        'the network refuses this SIM (plmn-not-allowed); ask the carrier',
      ],
      [
        {
          'generic.state': 'failed',
          'generic.state-failed-reason': 'sim-missing',
          '3gpp.registration-state': '--',
        },
        'the modem has no SIM card, or cannot read it; push it in until it clicks',
      ],
      [
        { 'generic.state': 'locked', 'generic.unlock-required': 'sim-pin', '3gpp.registration-state': '--' },
        'the SIM asks for its PIN; write it into wwanpi.txt on the card',
      ],
      [
        { 'generic.state': 'locked', 'generic.unlock-required': 'sim-puk', '3gpp.registration-state': '--' },
        'the SIM is locked and asks for its PUK; unlock it in a phone',
      ],
    ] as const) {
      const { said, calls, line } = await watch(t, 30, async (pi) => {
        await pi.device(40);
        await pi.modem(changes);
      });
      assert.equal(said, `waiting: ${reason}\n`);
      assert.deepEqual(calls, []);
      assert.equal(line, `LTE: ${reason}\n`);
    }
  });

  test('where the modem has no network, another one that has is taken', async (t) => {
    const { said, calls } = await watch(t, 12, async (pi) => {
      await pi.put('second', asSecond(await pi.read('device')));
      await pi.put('modem-1', await pi.read('modem'));
      await dialInVain(pi);
      await pi.put('effects/connection-up', 'cp "$pi/second" "$pi/device"');
    });
    assert.match(
      said,
      /^dialling with cdc-wdm1, which has a network; with cdc-wdm0, the modem finds no network that takes this SIM\nonline: wwan0 uses cdc-wdm1$/m,
    );
    assert.deepEqual(calls, [UP.replace('wdm0', 'wdm1')]);
  });

  test('another modem without a network is left alone', async (t) => {
    const { said, calls } = await watch(t, 12, async (pi) => {
      await dialInVain(pi);
      await pi.put('modem-1', await pi.read('modem'));
    });
    assert.match(said, /^waiting: the modem finds no network that takes this SIM$/m);
    assert.deepEqual(calls, []);
  });

  test('the network refuses the APN: said at once, and no level is taken', async (t) => {
    const { said, calls, line } = await watch(t, 30, async (pi) => {
      await pi.device(40);
      await pi.modem({ 'generic.state': 'registered' });
      await pi.put('journal', REFUSED);
    });
    assert.match(
      said,
      /^waiting: the network refuses the APN internet; write your contract's APN into wwanpi.txt on the card \(apn=\)\n$/,
    );
    assert.deepEqual(calls, []);
    assert.equal(line, 'LTE: the network refuses the APN internet\n');
  });

  test('a call that was refused is tried again, after longer and longer waits', async (t) => {
    const { said, calls, line } = await watch(t, 30, async (pi) => {
      await pi.device(30);
      await pi.modem({ 'generic.state': 'registered' });
      await pi.put('journal', REFUSED);
    });
    const waits = [...said.matchAll(/^waiting (\d+) s: the network refuses the APN internet; /gm)];
    assert.deepEqual(
      waits.slice(0, 3).map(([, seconds]) => seconds),
      ['4', '8', '8'],
    );
    assert.deepEqual(
      calls,
      waits.map(() => UP),
    );
    assert.equal(line, 'LTE: the network refuses the APN internet\n');
  });

  test('after a long time without a network the modem is power-cycled, in case it is wrong', async (t) => {
    const { said } = await watch(t, 70, async (pi) => {
      await pi.device(40);
      await pi.modem({ 'generic.state': 'searching', '3gpp.registration-state': 'searching' });
    });
    assert.match(said, /^recovery level 4: no connection for \d+ s; power-cycling the modem$/m);
  });

  test('a metric that NetworkManager kept is corrected once, where its check found the internet', async (t) => {
    const said = /^NetworkManager kept the metric 20100 on eth0, though its check found the internet; .*$/m;
    const modify = (name: string) => `nmcli device modify ${name} ipv4.required-timeout 1`;
    const see = (metrics: Record<string, number>, checked: string) =>
      watch(t, 12, async (pi) => {
        await pi.put('proc/net/route', routeTable(metrics));
        await pi.put('checked', checked);
      });
    const kept = await see({ wwan0: 700, eth0: 20_100 }, '100 (connected)\n4 (full)\n');
    assert.equal(kept.said.match(new RegExp(said, 'gm'))?.length, 1, kept.said);
    assert.deepEqual(kept.calls, [modify('eth0')]);
    for (const [metrics, checked] of [
      [{ wwan0: 700, eth0: 20_100 }, '100 (connected)\n3 (limited)\n'],
      [{ wwan0: 700, eth0: 20_100 }, '70 (connecting (getting IP configuration))\n4 (full)\n'],
      [{ wwan0: 700, eth0: 100 }, '100 (connected)\n4 (full)\n'],
    ] as const)
      assert.deepEqual((await see(metrics, checked)).calls, [], checked);
  });

  test('the metric of the modem is corrected by its check, off and on: applied again, it would never ask DHCP again', async (t) => {
    const kept = async (pi: FakeNmPi) => {
      await pi.put('proc/net/route', routeTable({ wwan0: 20_700 }));
      await pi.put('checked', '100 (connected)\n4 (full)\n');
    };
    const modem = await watch(t, 12, kept);
    assert.match(
      modem.said,
      /^NetworkManager kept the metric 20700 on wwan0, though its check found the internet; turning the check off and on$/m,
    );
    assert.deepEqual(modem.calls, ['busctl check false', 'busctl check true']);
    const withoutCheck = await watch(t, 12, async (pi) => {
      await kept(pi);
      await pi.put('check', 'b false\n');
    });
    assert.deepEqual(withoutCheck.calls, []);
  });

  test('a check that a power cut left off is turned on again', async (t) => {
    const { calls } = await watch(t, 3, async (pi) => {
      await pi.put('var/lib/wwanpi/check-off', '');
      await pi.put('check', 'b false\n');
    });
    assert.deepEqual(calls, ['busctl check true']);
  });

  test('the name of an interface is never run as a command', async (t) => {
    for (const metric of [700, 20_100]) {
      const { calls } = await watch(t, 12, async (pi) => {
        await pi.standIn('evil', 'call evil "$0"');
        await pi.put('proc/net/route', routeTable({ 'x$(evil)': metric }));
        await pi.put('checked', '100 (connected)\n4 (full)\n');
      });
      assert.deepEqual(
        calls.filter((call) => !call.startsWith('nmcli device modify x$(evil) ')),
        [],
      );
    }
  });

  test('ModemManager that does not answer is restarted', async (t) => {
    const { said, calls } = await watch(t, 20, async (pi) => {
      await pi.device(40);
      await pi.put('mute', '');
    });
    assert.match(said, /^recovery level 2: ModemManager does not answer; restarting ModemManager$/m);
    assert.equal(calls[0], RESTART);
  });

  test('NetworkManager: starting, stopped by hand, hung', async (t) => {
    const early = await watch(t, 3, (pi) => pi.remove('device'));
    assert.deepEqual([early.said, early.line], ['', 'LTE: the modem is starting\n']);
    const stopped = await watch(t, 20, async (pi) => {
      await pi.remove('device');
      await pi.put('unit', 'ActiveState=inactive\n');
    });
    assert.match(
      stopped.said,
      /^left alone: NetworkManager was stopped by hand; .*systemctl start NetworkManager"$/m,
    );
    const hung = await watch(t, 20, (pi) => pi.remove('device'));
    assert.match(hung.said, /^waiting: NetworkManager does not answer$/m);
    assert.deepEqual(hung.calls, []);
  });

  test('REBOOT_AFTER', async (t) => {
    const { pi, said, calls } = await watch(
      t,
      90,
      (made) => made.put('pings', 'always\nnever\n'),
      'REBOOT_AFTER=1',
    );
    assert.match(said, /^recovery level 5: offline for 1 min; rebooting$/m);
    assert.ok(calls.includes('systemctl reboot'));
    assert.equal(await pi.read('var/lib/wwanpi/reboots'), '1\n');
  });
});

/** NetworkManager dials with a modem that has no network, and has another one beside it. */
async function dialInVain(pi: FakeNmPi): Promise<void> {
  await pi.modem({ '3gpp.registration-state': 'idle', 'generic.state': 'enabled' });
  await pi.device(30);
  const idle = asSecond(await pi.read('device'));
  await pi.device(40);
  await pi.put('device', `${await pi.read('device')}\n${idle}`);
}

function asSecond(device: string): string {
  return device.replaceAll('cdc-wdm0', 'cdc-wdm1').replace('Modem/0', 'Modem/1');
}
