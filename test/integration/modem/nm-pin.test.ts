import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createNmPi, type FakeNmPi } from '../../helpers/fake-nm-pi.ts';

/** The PIN on the stack of NetworkManager, which never gets it: no SIM is locked by a wrong one. */

const SCRIPT = 'usr/lib/wwanpi/enter-pin';
const MARKER = 'var/lib/wwanpi/pin-wrong';
const ID = createHash('sha256').update('1234').digest('hex');
const LOCKED = {
  'generic.state': 'locked',
  'generic.unlock-required': 'sim-pin',
  '3gpp.registration-state': '--',
};
const WRONG = `echo "error: couldn't send PIN code to the SIM: 'GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment.IncorrectPassword: Incorrect password'" >&2; exit 1\n`;

async function createLocked(t: TestContext, tries = 3): Promise<FakeNmPi> {
  const pi = await createNmPi(t);
  await pi.put('etc/wwanpi/pin', '1234\n');
  await pi.device(60);
  await pi.modem({ ...LOCKED, 'generic.unlock-retries.value[1]': `sim-pin (${tries})` });
  return pi;
}

const ENTERED = 'mmcli -i /org/freedesktop/ModemManager1/SIM/0 --pin=1234';

describe('enter-pin', { concurrency: 2 }, () => {
  test('a PIN that the SIM accepts', async (t) => {
    const pi = await createLocked(t);
    assert.deepEqual(await pi.run(SCRIPT), { said: 'pin: the SIM accepted the PIN\n', exitCode: 0 });
    assert.deepEqual(await pi.calls(), [ENTERED]);
    assert.ok(!existsSync(join(pi.folder, MARKER)));
  });

  test('a PIN that the SIM rejects is tried once, and again only when it is another', async (t) => {
    const pi = await createLocked(t);
    await pi.put('effects/pin', WRONG);
    assert.deepEqual(await pi.run(SCRIPT), {
      said: 'pin: the SIM rejected the PIN; it is not tried again\n',
      exitCode: 1,
    });
    assert.equal(await pi.read(MARKER), `${ID} wrong\n`);
    assert.match((await pi.run(SCRIPT)).said, /is wrong and is not tried again/);
    assert.deepEqual(await pi.calls(), [ENTERED]);
    await pi.put('etc/wwanpi/pin', '4321\n');
    await pi.remove('effects/pin');
    assert.equal((await pi.run(SCRIPT)).exitCode, 0);
  });

  test('a power cut during the try counts as a rejection when a try is gone, and as none when it is not', async (t) => {
    const gone = await createLocked(t, 2);
    await gone.put(MARKER, `${ID} 3\n`);
    assert.match((await gone.run(SCRIPT)).said, /not tried again; 2 tries are left/);
    assert.deepEqual(await gone.calls(), []);
    const kept = await createLocked(t, 3);
    await kept.put(MARKER, `${ID} 3\n`);
    assert.equal((await kept.run(SCRIPT)).exitCode, 0);
  });

  test('the last try is for a person; so is every second one where the modem does not count them', async (t) => {
    const last = await createLocked(t, 1);
    assert.match((await last.run(SCRIPT)).said, /only 1 try is left, and it is kept for you/);
    assert.deepEqual(await last.calls(), []);
    const uncounted = await createLocked(t, 999);
    await uncounted.put(MARKER, `${ID} 999\n`);
    assert.equal((await uncounted.run(SCRIPT)).exitCode, 1);
    assert.deepEqual(await uncounted.calls(), []);
  });

  test('an answer that says nothing about the PIN leaves the marker, and a SIM that is unlocked takes it away', async (t) => {
    const pi = await createLocked(t);
    await pi.put('effects/pin', 'exit 124\n');
    assert.match((await pi.run(SCRIPT)).said, /no clear answer/);
    assert.equal(await pi.read(MARKER), `${ID} 3\n`);
    await pi.modem();
    assert.deepEqual(await pi.run(SCRIPT), { said: '', exitCode: 0 });
    assert.ok(!existsSync(join(pi.folder, MARKER)));
  });

  test('it waits for the modem, two minutes at most', async (t) => {
    const pi = await createLocked(t);
    await pi.remove('modem');
    const { said } = await pi.run(SCRIPT, {}, ['wait']);
    assert.match(said, /^pin: the modem does not report the state of the PIN\n$/);
    assert.equal(await pi.read('proc/uptime'), '220.00 0.00\n');
  });

  test('the supervisor enters it, too, and says when it is wrong', async (t) => {
    const pi = await createLocked(t);
    await pi.put('etc/wwanpi/supervisor.conf', 'INTERVAL=1\nDEAD_AFTER=4\nPROBE=9.9.9.9\n');
    await pi.put('effects/pin', WRONG);
    const { said } = await pi.run('usr/lib/wwanpi/supervise', { WWANPI_ROUNDS: '30' });
    assert.match(
      said,
      /^pin: the SIM rejected the PIN; .*\nstopped: the PIN is wrong; write the right one into wwanpi.txt on the card, or enter it in a phone\n$/,
    );
    assert.deepEqual(await pi.calls(), [ENTERED]);
    assert.equal(await pi.read('run/wwanpi/status'), 'LTE: the PIN in the image is wrong\n');
  });
});
