import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { createFakePi, type FakePi } from '../../helpers/fake-pi.ts';

/** The image's PIN script against the modem's SIM, with real qmicli. */

const SCRIPT = 'usr/lib/wwanpi/enter-pin';
const locked = (more: NonNullable<BehaviourInput['pin']> = {}): BehaviourInput => ({
  pin: { state: 'required', pin: '4711', ...more },
});
const tries = ({ modem }: FakePi) => modem.events.filter((event) => event.type === 'pin').length;

test('the right PIN unlocks the SIM; a SIM that needs none gets none', async (t) => {
  const pi = await createFakePi(t, locked());
  await pi.put('etc/wwanpi/pin', '4711\n');
  assert.deepEqual(await pi.run(SCRIPT), { said: 'pin: the SIM accepted the PIN\n', exitCode: 0 });
  assert.deepEqual(await pi.run(SCRIPT), { said: '', exitCode: 0 });
  assert.equal(tries(pi), 1);
  await assert.rejects(pi.read('var/lib/wwanpi/pin-wrong'));

  const open = await createFakePi(t);
  await open.put('etc/wwanpi/pin', '4711\n');
  assert.deepEqual(await open.run(SCRIPT), { said: '', exitCode: 0 });
  assert.equal(tries(open), 0);
});

test('a wrong one is tried once in its life; another one may be tried', async (t) => {
  const pi = await createFakePi(t, locked());
  await pi.put('etc/wwanpi/pin', '0000\n');
  const first = await pi.run(SCRIPT);
  assert.deepEqual(first, { said: 'pin: the SIM rejected the PIN; it is not tried again\n', exitCode: 1 });
  const second = await pi.run(SCRIPT);
  assert.equal(second.exitCode, 1);
  assert.match(second.said, /is not tried again; 2 tries are left/);
  assert.equal(tries(pi), 1);
  assert.doesNotMatch(
    await pi.read('var/lib/wwanpi/pin-wrong'),
    /0000/,
    'the PIN itself is written nowhere else',
  );
  await pi.put('etc/wwanpi/pin', '4711\n');
  assert.equal((await pi.run(SCRIPT)).exitCode, 0);
});

test('the last try is never taken, nor one on a blocked SIM', async (t) => {
  for (const [more, says] of [
    [{ retries: 1 }, /only 1 try is left, and it is kept for you/],
    [{ state: 'blocked', retries: 0 }, /the SIM is \S*blocked/],
  ] as const) {
    const pi = await createFakePi(t, locked(more));
    await pi.put('etc/wwanpi/pin', '4711\n');
    const { said, exitCode } = await pi.run(SCRIPT);
    assert.equal(exitCode, 1);
    assert.match(said, says);
    assert.equal(tries(pi), 0);
  }
});

test('where the power failed during a try, the tries left say whether it was wrong', async (t) => {
  const hash = createHash('sha256').update('4711').digest('hex');
  const wrong = await createFakePi(t, locked({ retries: 2 }));
  await wrong.put('etc/wwanpi/pin', '4711\n');
  await wrong.put('var/lib/wwanpi/pin-wrong', `${hash} 3\n`);
  assert.match((await wrong.run(SCRIPT)).said, /is not tried again; 2 tries are left/);
  assert.equal(tries(wrong), 0);
  const untried = await createFakePi(t, locked());
  await untried.put('etc/wwanpi/pin', '4711\n');
  await untried.put('var/lib/wwanpi/pin-wrong', `${hash} 3\n`);
  assert.equal((await untried.run(SCRIPT)).exitCode, 0);
});

test('a marker file that holds anything else counts as wrong, and nothing in it is run', async (t) => {
  const hash = createHash('sha256').update('4711').digest('hex');
  for (const mark of ['a[$(touch "$WWANPI_ROOT/ran")]', '08', '0x1', '99999999999999999999']) {
    const pi = await createFakePi(t, locked({ retries: 3 }));
    await pi.put('etc/wwanpi/pin', '4711\n');
    await pi.put('var/lib/wwanpi/pin-wrong', `${hash} ${mark}\n`);
    assert.match((await pi.run(SCRIPT)).said, /is not tried again; 3 tries are left/, mark);
    assert.equal(tries(pi), 0);
    await assert.rejects(pi.read('ran'));
  }
});

test('a silent modem costs no try', async (t) => {
  const pi = await createFakePi(t, { ...locked(), faults: [{ what: 'qmi' }] });
  await pi.put('etc/wwanpi/pin', '4711\n');
  const { said, exitCode } = await pi.run(SCRIPT);
  assert.equal(exitCode, 1);
  assert.match(said, /the modem does not report/);
});
