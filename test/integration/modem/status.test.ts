import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { dial, type FakePi } from '../../helpers/fake-pi.ts';
import { SUPERVISE, serveAt, watch } from '../../helpers/watch-pi.ts';

/** What a person sees of the connection: the line on the consoles before and after login, and the ACT LED. */

const TEMPLATE = 'Raspbian GNU/Linux 9 \\n \\l\nLTE address, if online: \\4{wwan0}\n\n';
const FORMER = 'none timer heartbeat [mmc0] default-on\n';
const led = (trigger = FORMER) => ({
  'sys/class/leds/led0/trigger': trigger,
  'sys/class/leds/led0/brightness': '0\n',
  'sys/class/leds/led0/delay_on': '',
  'sys/class/leds/led0/delay_off': '',
});
const files = { 'usr/lib/wwanpi/issue': TEMPLATE, ...led() };
const conf = 'LED=ACT led0';
const offline = { ifstate: '\n', unit: 'ActiveState=failed\n' };
const refusing = "error: couldn't start network: CallFailed, verbose call end reason (6,33)\n";

/** The line after login, which is also the one before it; and what the LED does. */
async function look(pi: FakePi): Promise<{ line: string; blinks: string }> {
  const { said } = await pi.run('etc/update-motd.d/20-wwanpi');
  const [line = ''] = said.split('\n');
  const issue = await pi.read('run/wwanpi-issue');
  assert.equal(issue, `Raspbian GNU/Linux 9 \\n \\l\n${line}\n\n`);
  assert.ok(line.length < 80, line);
  const [trigger, on, off] = await Promise.all(
    ['trigger', 'delay_on', 'delay_off'].map((name) => pi.read(`sys/class/leds/led0/${name}`)),
  );
  const isTimer = trigger === 'timer\n';
  return { line, blinks: isTimer ? `${on?.trim()}/${off?.trim()}` : (trigger ?? '').trim() };
}

const SEARCHING = '100/1900';
const DIALLING = '500/500';
const REFUSED = '1900/100';

describe('the line on the consoles, and the LED', { concurrency: 2 }, () => {
  test('online: carrier, address and signal; the LED does what it always does', async (t) => {
    const { pi } = await watch(t, {
      rounds: 4,
      conf,
      files: { ...files, pings: 'always\n' },
      prepare: async (made) => void (await dial(made)),
    });
    const seen = await look(pi);
    assert.deepEqual(seen, {
      line: 'LTE: online, Test Mobile, 10.64.64.10, signal good',
      blinks: FORMER.trim(),
    });
    assert.equal(await pi.read('agetty'), '--reload\n', 'the consoles show it, once');
  });

  test('no modem: called missing only when it has had time to appear', async (t) => {
    for (const [uptime, line] of [
      ['30.00', 'LTE: looking for the modem'],
      ['100.00', 'LTE: no modem; plug it in'],
    ]) {
      const { pi } = await watch(t, {
        rounds: 2,
        conf,
        files: { ...files, 'proc/uptime': `${uptime} 0.00\n` },
        prepare: ({ folder }) => rm(join(folder, 'sys/class/net/wwan0')),
      });
      assert.deepEqual(await look(pi), { line, blinks: SEARCHING });
    }
  });

  test('dialling', async (t) => {
    const unit = 'ActiveState=activating\n';
    const { pi } = await watch(t, { rounds: 3, conf, files: { ...files, ...offline, unit } });
    assert.deepEqual(await look(pi), { line: 'LTE: dialling, APN internet', blinks: DIALLING });
  });

  test('the network refuses the APN: said until it is online, while it is dialled again too', async (t) => {
    const { pi } = await watch(t, {
      rounds: 3,
      conf,
      files: { ...files, ...offline, journal: refusing },
    });
    const expected = { line: 'LTE: the network refuses the APN internet', blinks: REFUSED };
    assert.deepEqual(await look(pi), expected);
    const { said } = await pi.run('etc/update-motd.d/20-wwanpi');
    assert.match(said, /\n {5}For more: sudo wwan-doctor\n$/);
  });

  test('no network to be found', async (t) => {
    const { pi } = await watch(t, {
      behaviour: { faults: [{ what: 'network' }] },
      rounds: 6,
      conf,
      files: { ...files, ...offline },
    });
    assert.deepEqual(await look(pi), { line: 'LTE: the modem finds no network', blinks: SEARCHING });
  });

  test('no SIM, and a SIM that asks for its PIN', async (t) => {
    for (const [behaviour, line] of [
      [{ sim: 'absent' }, 'LTE: the modem has no SIM card, or cannot read it; push it in until it clicks'],
      [{ pin: { state: 'required' } }, 'LTE: the SIM asks for its PIN; write it into wwanpi.txt on the card'],
      [
        { registrationDenied: true },
        'LTE: the network refuses this SIM (registration denied); ask the carrier',
      ],
    ] as const) {
      const { pi } = await watch(t, {
        behaviour,
        rounds: 6,
        conf,
        files: { ...files, ...offline },
        prepare: (made) => serveAt(t, made),
      });
      assert.deepEqual(await look(pi), { line, blinks: REFUSED });
    }
  });

  test('a wrong PIN', async (t) => {
    const { pi } = await watch(t, {
      rounds: 4,
      conf,
      files: { ...files, ...offline, 'var/lib/wwanpi/pin-wrong': 'abc wrong\n' },
    });
    assert.deepEqual(await look(pi), { line: 'LTE: the PIN in the image is wrong', blinks: REFUSED });
  });

  test('a call that has ended', async (t) => {
    const { pi } = await watch(t, { rounds: 3, conf, files });
    assert.deepEqual(await look(pi), {
      line: 'LTE: offline, dialling again: the call has ended',
      blinks: DIALLING,
    });
  });

  test('taken down by hand: that is no failure', async (t) => {
    const unit = 'ActiveState=active\nResult=success\n';
    const { pi } = await watch(t, { rounds: 2, conf, files: { ...files, ifstate: '\n', unit } });
    const { line, blinks } = await look(pi);
    assert.match(line, /^LTE: off; wwan0 was taken down by hand/);
    assert.equal(blinks, FORMER.trim());
  });

  test('what a network calls itself is one short line, without escapes', async (t) => {
    // libqmi 1.32 shows what is no text as "?"; 1.16 need not.
    for (const [operator, shown] of [
      ['\\e[2J\\01344{eth0}\\0134S', '?[2J?4{eth0}?S'],
      ['a\\nLTE: b\\r\\xc2\\x9bc', 'a?LTE: b???c'],
      ['x'.repeat(500), 'x'.repeat(30)],
    ] as const) {
      const { pi } = await watch(t, {
        rounds: 3,
        conf,
        files: { ...files, pings: 'always\n' },
        prepare: async (made) => {
          await dial(made);
          const real = 'exec /usr/bin/qmicli --device-open-qmi "$@"';
          const says = `printf '%b\\n' "Description: '${operator}'"`;
          await made.standIn('qmicli', `case "$*" in *serving-system*) ${says} ;; *) ${real} ;; esac`);
        },
      });
      const { line } = await look(pi);
      assert.equal(line, `LTE: online, ${shown}, 10.64.64.10, signal good`);
    }
  });

  test('after the supervisor, however it ended, the LED and the console are as before', async (t) => {
    const { pi } = await watch(t, { rounds: 2, conf, files: { ...files, ...offline, journal: refusing } });
    assert.equal(await pi.read('sys/class/leds/led0/trigger'), 'timer\n');
    const { said } = await pi.run(SUPERVISE, {}, { args: ['stopped'] });
    assert.equal(said, '');
    assert.equal(await pi.read('sys/class/leds/led0/trigger'), 'mmc0\n');
    assert.equal(await pi.read('run/wwanpi-issue'), TEMPLATE);
    assert.match((await pi.run('etc/update-motd.d/20-wwanpi')).said, /^LTE: 10\.64\.64\.10\n$/);
    assert.deepEqual(
      (await readdir(join(pi.folder, 'run/wwanpi'))).filter((name) => name !== 'lock'),
      [],
    );
  });

  test('a supervisor after one that was killed still knows what the LED did', async (t) => {
    const { pi } = await watch(t, { rounds: 2, conf, files: { ...files, ...offline, journal: refusing } });
    await pi.run(SUPERVISE, { WWANPI_ROUNDS: '2' });
    await pi.run(SUPERVISE, {}, { args: ['stopped'] });
    assert.equal(await pi.read('sys/class/leds/led0/trigger'), 'mmc0\n');
  });

  test('an LED that a person turned on comes back as it was', async (t) => {
    const { pi } = await watch(t, {
      rounds: 2,
      conf,
      files: {
        ...files,
        ...offline,
        journal: refusing,
        ...led('[none] timer mmc0\n'),
        'sys/class/leds/led0/brightness': '1\n',
      },
    });
    await pi.put('sys/class/leds/led0/brightness', '0\n');
    await pi.run(SUPERVISE, {}, { args: ['stopped'] });
    assert.equal(await pi.read('sys/class/leds/led0/trigger'), 'none\n');
    assert.equal(await pi.read('sys/class/leds/led0/brightness'), '1\n');
  });

  test('without the trigger, without an LED and with --led off the LED is left alone', async (t) => {
    for (const [setting, trigger, said] of [
      ['LED=ACT led0', 'none [mmc0]\n', /the LED led0 does not blink: the kernel has no trigger "timer"/g],
      ['LED=', FORMER, /LED/g],
      ['LED=ACT', FORMER, /LED/g],
    ] as const) {
      const { pi, said: journal } = await watch(t, {
        rounds: 8,
        conf: setting,
        files: { ...files, ...led(trigger), ...offline, journal: refusing },
      });
      assert.equal(await pi.read('sys/class/leds/led0/trigger'), trigger);
      assert.equal(journal.match(said)?.length ?? 0, trigger === FORMER ? 0 : 1, journal);
      assert.equal((await look(pi)).line, 'LTE: the network refuses the APN internet');
    }
  });

  test('only root can write what is shown, and no user of the Pi what it is made of', async (t) => {
    const { pi } = await watch(t, { rounds: 2, conf, files: { ...files, ...offline, journal: refusing } });
    const mode = async (path: string) => ((await stat(join(pi.folder, path))).mode & 0o777).toString(8);
    assert.equal(await mode('run/wwanpi'), '700');
    assert.equal(await mode('run/wwanpi-issue'), '644');
    assert.ok(!existsSync(join(pi.folder, 'run/wwanpi-issue.new')));
  });
});
