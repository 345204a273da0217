import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { padStatusText, readStatusText } from '../../../src/formats/config/status-text.ts';
import { createNmPi, type FakeNmPi } from '../../helpers/fake-nm-pi.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';

/** What a person sees of the connection on the stack of NetworkManager: consoles, LED, and the file on the card. */

const SUPERVISE = 'usr/lib/wwanpi/supervise';
const FILE = 'boot/firmware/wwanpi-status.txt';
const BEFORE = 'boot/firmware/wwanpi-status-before.txt';
const FORMER = 'none timer heartbeat [mmc0] default-on\n';

async function createPi(t: TestContext): Promise<FakeNmPi> {
  const pi = await createNmPi(t);
  const blank = Buffer.from(padStatusText('as built\n')).toString();
  await pi.put(FILE, blank);
  await pi.put(BEFORE, blank);
  await pi.put('usr/lib/wwanpi/issue', 'LTE address, if online: \\4{wwan0}\n');
  await pi.put('usr/lib/wwanpi/status-file', '');
  await pi.put('etc/wwanpi/supervisor.conf', 'INTERVAL=1\nDEAD_AFTER=4\nPROBE=9.9.9.9\nLED=ACT led0\n');
  await pi.put('sys/class/leds/ACT/trigger', FORMER);
  await pi.put('sys/class/leds/ACT/brightness', '0\n');
  await pi.put('sys/class/leds/ACT/delay_on', '');
  await pi.put('sys/class/leds/ACT/delay_off', '');
  await pi.standIn('timedatectl', 'echo "System clock synchronized: yes"');
  await pi.standIn('wwan-doctor', `exec bash ${renderOverlays('networkmanager')}/usr/bin/wwan-doctor "$@"`);
  return pi;
}

const env = () => ({ WWANPI_LIB: join(renderOverlays('networkmanager'), 'usr/lib/wwanpi') });
const shownIn = async (pi: FakeNmPi, path: string) => readStatusText(await readFile(join(pi.folder, path)));

describe('what a person sees with NetworkManager', { concurrency: 2 }, () => {
  test('while the network refuses: the consoles, the LED, and the file on the card say so', async (t) => {
    const pi = await createPi(t);
    await pi.device(40);
    await pi.modem({ 'generic.state': 'registered' });
    await pi.put('journal', 'failed to connect modem: Requested service option not subscribed\n');
    await pi.run(SUPERVISE, { WWANPI_ROUNDS: '6' });
    const line = 'LTE: the network refuses the APN internet';
    assert.equal(await pi.read('run/wwanpi-issue'), `${line}\n`);
    assert.equal(await pi.read('sys/class/leds/ACT/trigger'), 'timer\n');
    assert.equal(await pi.read('sys/class/leds/ACT/delay_on'), '1900\n');
    assert.ok((await pi.calls()).includes('systemctl --no-block start wwanpi-status-file.service'));
    assert.deepEqual(await pi.run('usr/lib/wwanpi/status-file', env()), { said: '', exitCode: 0 });
    const text = await shownIn(pi, FILE);
    assert.match(text, /\nCONNECTION\n {2}LTE: the network refuses the APN internet\n/);
    assert.match(
      text,
      /\nCHECKS\n(?:.*\n)* {2}The network refuses the APN internet\.\n {4}What to do: write your/,
    );
    assert.match(await shownIn(pi, BEFORE), /as built/);
  });

  test('the supervisor gives consoles and LED back when it ends', async (t) => {
    const pi = await createPi(t);
    await pi.device(40);
    await pi.run(SUPERVISE, { WWANPI_ROUNDS: '2' });
    assert.equal(await pi.read('sys/class/leds/ACT/delay_on'), '500\n');
    await pi.run(SUPERVISE, {}, ['stopped']);
    assert.equal(await pi.read('sys/class/leds/ACT/trigger'), 'mmc0\n');
    assert.equal(await pi.read('run/wwanpi-issue'), 'LTE address, if online: \\4{wwan0}\n');
  });

  test('without a supervisor the file says the address', async (t) => {
    const pi = await createPi(t);
    await pi.run('usr/lib/wwanpi/status-file', env());
    assert.match(await shownIn(pi, FILE), /\nCONNECTION\n {2}LTE: 10\.64\.64\.10\n/);
  });
});
