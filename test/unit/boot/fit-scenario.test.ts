import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitScenario } from '../../../src/boot/fit-scenario.ts';
import type { ImageSetup } from '../../../src/boot/parse-expectations.ts';
import type { Scenario } from '../../../src/boot/scenario.ts';
import { findScenario, SCENARIOS } from '../../../src/boot/scenarios.ts';
import { InputError } from '../../../src/core/errors.ts';
import { createBootTest } from '../../helpers/boot-records.ts';

const setup = (changes: Partial<ImageSetup> = {}): ImageSetup => ({
  ...createBootTest('online').setup,
  credentials: { user: 'me', password: 'x' },
  pin: '1234',
  firstBoot: { units: [] },
  ...changes,
});
const scenario = (name: string) => findScenario(name) as Scenario;

for (const each of SCENARIOS) {
  test(`${each.name}: it fits one stack at least, and says why not the other`, () => {
    const refusals = (['ifupdown', 'networkmanager'] as const).flatMap((stack) => {
      try {
        fitScenario(each, setup({ stack }));
        return [];
      } catch (error) {
        assert.ok(error instanceof InputError);
        assert.match(
          error.message,
          /^the scenario \S+ says nothing about this image, which dials with .+: .+/,
        );
        return [stack];
      }
    });
    assert.ok(refusals.length < 2);
    if (refusals.length === 0) return;
    const expected = each.name === 'broken-libqmi' ? ['networkmanager'] : ['ifupdown'];
    assert.deepEqual(refusals, expected);
  });
}

test('on an image with ifupdown a scenario is as it stands', () => {
  for (const name of ['online', 'no-sim', 'no-stick', 'apn-refused-then-accepted']) {
    assert.deepEqual(fitScenario(scenario(name), setup()), scenario(name));
  }
});

test('on one with NetworkManager no AT command can fail, and nothing but the call is refused', () => {
  const fit = (name: string) => fitScenario(scenario(name), setup({ stack: 'networkmanager' }));
  const { expected } = fit('no-sim');
  assert.equal(expected.verdict === 'offline' && expected.fails, 'start-network');
  assert.equal(fit('apn-refused-then-accepted').behaviour.callAttempts?.length, 3);
  assert.equal(fit('no-stick').expected.verdict === 'offline' && fit('no-stick').expected.journal, undefined);
});

test('an image that lacks what a scenario is about is refused with the option that makes one', () => {
  for (const [name, lacks, option] of [
    ['auth', { credentials: undefined }, '--apn-user'],
    ['pin-needed', { pin: undefined }, '--pin'],
    ['packages-at-first-boot', { firstBoot: undefined }, '--package'],
  ] as const) {
    assert.throws(
      () => fitScenario(scenario(name), setup(lacks)),
      (error) => error instanceof InputError && (error.hint ?? '').includes(option),
    );
  }
});
