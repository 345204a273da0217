import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../../../src/boot/soak.ts';
import { parseBootOptions } from '../../../src/commands/boot-options.ts';
import { InputError } from '../../../src/core/errors.ts';
import { OptionsError } from '../../../src/formats/issues.ts';

const parse = (options: Readonly<Record<string, unknown>>) =>
  parseBootOptions({ image: 'x.img', ...options });

test('a boot has six minutes, a long scenario its own time, and the command line the last word', async () => {
  assert.equal((await parse({})).timeoutMs, 360_000);
  assert.equal((await parse({ scenario: 'soak' })).timeoutMs, soak().timeoutMs);
  assert.equal((await parse({ scenario: 'soak', timeout: 60 })).timeoutMs, 60_000);
  for (const timeout of [0, -1, 100_000, Number.NaN])
    await assert.rejects(parse({ timeout }), InputError, `${timeout}`);
});

test('the options of a soak', async () => {
  assert.deepEqual((await parse({ scenario: 'soak' })).scenario, soak());
  assert.deepEqual(
    (await parse({ scenario: 'soak', seed: 7, minutes: 30 })).scenario,
    soak({ seed: 7, minutes: 30 }),
  );
  assert.deepEqual((await parse({ scenario: 'soak', seed: 0 })).scenario, soak({ seed: 0, minutes: 60 }));
});

test('--set edits wwanpi.txt; a value that the Pi refuses is part of the test', async () => {
  const { scenario } = await parse({ set: ['apn=two words', 'PIN=', 'password=a=b'] });
  assert.deepEqual(scenario.machine.set, { apn: 'two words', pin: '', password: 'a=b' });
  const own = await parse({ scenario: 'apn-on-card', set: ['metric=7'] });
  assert.deepEqual(Object.keys(own.scenario.machine.set ?? {}), ['apn', 'metric']);
});

test('a secret of --set is not in the error', async () => {
  await assert.rejects(parse({ set: ['passwort=Secret#1', 'pin=12\n34', 'apn'] }), (error: unknown) => {
    assert.ok(error instanceof OptionsError);
    const said = JSON.stringify(error.issues);
    assert.doesNotMatch(said, /Secret|34/);
    assert.match(said, /did you mean password/);
    return true;
  });
});

for (const scenario of ['late-stick', 'power-cut', 'power-cut-in-settings', 'packages-at-first-boot']) {
  test(`--shell refuses ${scenario}: nobody would do there what the test does at its moments`, async () => {
    await assert.rejects(parse({ shell: true, scenario }), (error: unknown) => {
      assert.ok(error instanceof OptionsError);
      const said = error.issues.map(({ message }) => message);
      assert.ok(said.includes(`cannot be combined with {--scenario} ${scenario}`), said.join('; '));
      return true;
    });
  });
}

for (const [what, options] of [
  ['a seed for what has none', { scenario: 'online', seed: 7 }],
  ['minutes for what has none', { minutes: 30 }],
  ['half a seed', { scenario: 'soak', seed: 1.5 }],
  ['a seed below zero', { scenario: 'soak', seed: -1 }],
  ['a seed of letters', { scenario: 'soak', seed: Number.NaN }],
  ['too few minutes', { scenario: 'soak', minutes: 1 }],
  ['a day', { scenario: 'soak', minutes: 1440 }],
] as const) {
  test(`refused before anything runs: ${what}`, async () => {
    await assert.rejects(parse(options), InputError);
  });
}
