import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScenario, readScenario } from '../../../src/boot/read-scenario.ts';
import { findScenario } from '../../../src/boot/scenarios.ts';
import { InputError } from '../../../src/core/errors.ts';

test('a scenario is read by name or from a file; anything else is refused', async () => {
  assert.equal(await readScenario('replug'), findScenario('replug'));
  await assert.rejects(readScenario('/nowhere/x.json'), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /neither a scenario nor a file that can be read: no such file$/);
    assert.match(error.hint ?? '', /boot --help-all lists the scenarios/);
    return true;
  });
});

test('{} is online without its port scan and its look at the screen, and each field has its default', () => {
  const { description: _, ...online } = findScenario('online') ?? {};
  assert.deepEqual(parseScenario('{}', 'x.json'), {
    ...online,
    name: 'custom',
    description: '',
    behaviour: {},
    machine: { ethernet: false, qmicli: 'image' },
    expected: { verdict: 'online', defaultRoute: 'wwan0', leases: 1 },
  });
});

test('a scenario of the user’s own', () => {
  const text = JSON.stringify({
    name: 'no-dhcp',
    behaviour: { network: { addressing: 'no-dhcp' } },
    expected: { verdict: 'offline', fails: 'lease' },
  });
  assert.deepEqual(parseScenario(text, 'x.json').expected, { verdict: 'offline', fails: 'lease' });
});

for (const [what, text] of [
  ['no JSON', '{'],
  ['a list', '[]'],
  ['an unknown field', '{"stick":1}'],
  ['an unknown milestone', '{"expected":{"verdict":"offline","fails":"tea"}}'],
  ['an unknown field of the behaviour', '{"behaviour":{"colour":"red"}}'],
  ['APNs, which come from the image', '{"behaviour":{"apns":[]}}'],
  ['a name that is not a file name', '{"name":"../x"}'],
] as const) {
  test(`refused before anything runs: ${what}`, () => {
    assert.throws(() => parseScenario(text, 'x.json'), InputError);
  });
}
