import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWholeBootReason } from '../../../src/boot/fit-snapshot.ts';
import { SCENARIOS } from '../../../src/boot/scenarios.ts';
import { createBootTest } from '../../helpers/boot-records.ts';

const { setup } = createBootTest('online');

test('the scenarios that boot the image whole, each with its reason; all others start from a snapshot', () => {
  const reasons = SCENARIOS.flatMap((scenario) => {
    const reason = findWholeBootReason(scenario, setup);
    return reason === undefined ? [] : [[scenario.name, reason] as const];
  });
  assert.deepEqual(Object.fromEntries(reasons), {
    'factory-mode': 'the modem has to be switched while the system boots',
    'broken-libqmi': 'another qmicli is there before the system starts',
    'no-stick': 'it tests the boot without a modem',
    'with-ethernet': 'the cable is there from power-on',
    'power-cut': 'the power is cut while the system boots',
    'dead-ethernet': 'the cable is there from power-on',
    'apn-on-card': 'the settings in wwanpi.txt are taken over while the system boots',
    'bad-apn-on-card': 'the settings in wwanpi.txt are taken over while the system boots',
    'secrets-on-card': 'the settings in wwanpi.txt are taken over while the system boots',
    'power-cut-in-settings': 'the power is cut while the system boots',
    'packages-at-first-boot': 'the power is cut while the system boots',
    'own-kernel': "the image's own kernel starts",
  });
});

test('an image that installs packages at its first start is booted whole for every scenario', () => {
  const withPackages = { ...setup, firstBoot: { units: [] } };
  assert.ok(SCENARIOS.every((scenario) => findWholeBootReason(scenario, withPackages) !== undefined));
});
