import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getBehaviour, MILESTONES } from '../../../src/boot/scenario.ts';
import { findScenario, SCENARIOS } from '../../../src/boot/scenarios.ts';
import { InputError } from '../../../src/core/errors.ts';
import { parseBehaviour } from '../../../src/modem/behaviour.ts';

test('the list of built-in scenarios', () => {
  assert.deepEqual(
    SCENARIOS.map(({ name }) => name),
    [
      'online',
      'factory-mode',
      'wrong-apn',
      'auth',
      'late-stick',
      'late-signal',
      'replug',
      'broken-libqmi',
      'no-stick',
      'with-ethernet',
      'signal-lost-30s',
      'signal-lost-10min',
      'network-detach',
      'lease-expires',
      'stale-client-id',
      'stick-hangs',
      'stick-reenumerates',
      'apn-refused-then-accepted',
      'pin-needed',
      'pin-wrong-once-left-two',
      'two-sticks',
      'power-cut',
      'ipv6-only',
      'no-ping',
      'denied',
      'no-sim',
      'chatty',
      'clients-exhausted',
      'mtu-from-qmi',
      'dead-dns',
      'ssh',
      'dead-ethernet',
      'ec25',
      'mbim',
      'apn-on-card',
      'bad-apn-on-card',
      'secrets-on-card',
      'power-cut-in-settings',
      'doctor',
      'packages-at-first-boot',
      'own-kernel',
      'idle',
      'soak',
    ],
  );
});

for (const scenario of SCENARIOS) {
  test(`${scenario.name}: its behaviour is valid, and its verdict names a milestone`, () => {
    const behaviour = getBehaviour(scenario, { apn: 'internet', user: 'me', password: 'secret' });
    assert.equal(behaviour.apns.length, 1);
    assert.equal(behaviour.apns[0]?.apn === 'internet', scenario.name !== 'wrong-apn');
    assert.equal(behaviour.apns[0]?.user, scenario.network.credentials ? 'me' : undefined);
    if (scenario.expected.verdict === 'offline') assert.ok(MILESTONES.includes(scenario.expected.fails));
  });
}

test('a scenario is found by its name; an unknown name finds none', () => {
  assert.equal(findScenario('replug')?.behaviour.faults?.[0]?.what, 'usb');
  assert.equal(findScenario('nope'), undefined);
});

for (const [what, bad] of [
  ['an unknown field', { apn: 'internet' }],
  ['an impossible signal', { signal: { rssiDbm: 5 } }],
  ['an invalid address', { network: { address: '10.0.0.300' } }],
  ['a PIN of letters', { pin: { pin: 'abcd' } }],
  ['an unknown fault', { faults: [{ what: 'antenna' }] }],
  ['a time before power-on', { plugInAfterMs: -1 }],
  ['not an object', 'online'],
] as const) {
  test(`${what} is refused before anything runs`, () => {
    assert.throws(
      () => parseBehaviour(bad, 'my.json'),
      (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /^my\.json /);
        assert.ok((error.detail ?? '').length > 0);
        return true;
      },
    );
  });
}

test('{} is a good modem', () => {
  const behaviour = parseBehaviour({});
  assert.equal(behaviour.pin.state, 'disabled');
  assert.equal(behaviour.network.gateway, '10.64.64.9');
  assert.deepEqual(behaviour.apns, []);
});
