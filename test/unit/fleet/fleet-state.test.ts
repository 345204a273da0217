import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  estimateLeftSeconds,
  type FleetRecord,
  type FleetResult,
  formatFleetJson,
  formatState,
  isSameStamp,
  parseState,
} from '../../../src/fleet/fleet-state.ts';

const result = (name: string, more: Partial<FleetResult> = {}): FleetResult => ({
  name,
  apn: 'internet',
  base: 'debian-bookworm',
  files: [{ name: `${name}.img`, sizeBytes: 4096, sha256: 'ab'.repeat(32), kind: 'image' }],
  seconds: 1.5,
  verdict: 'built',
  ...more,
});

const record = (name: string): FleetRecord => ({
  key: `key of ${name}`,
  result: result(name, { carrier: { country: 'us', provider: 'P', plan: 'Q' } }),
  stamps: { [`${name}.img`]: { sizeBytes: 4096, mtimeMs: 1.25, inode: 7 } },
});

test('a state comes back as it was written', () => {
  const state = new Map([
    ['a', record('a')],
    ['b', record('b')],
  ]);
  assert.deepEqual(parseState(formatState(state)), state);
});

const unusable: [string, string][] = [
  ['no file', ''],
  ['half a file', formatState(new Map([['a', record('a')]])).slice(0, 80)],
  ['another format', '{"format":2,"images":{}}'],
  ['something else', '[1,2]'],
  ['a file outside the folder', formatState(new Map([['a', record('a')]])).replaceAll('a.img', '../a.img')],
  ['no hash', formatState(new Map([['a', record('a')]])).replace(/"sha256":"[^"]+"/, '"sha256":"x"')],
];
for (const [what, text] of unusable) {
  test(`a state that is ${what} is empty: everything is built again`, () =>
    assert.equal(parseState(text).size, 0));
}

test('fleet.json has the images in the order of the file, the later result of each', () => {
  const json = formatFleetJson(
    '1.2.3',
    ['b', 'c', 'a'],
    [
      result('a', { verdict: 'unchanged' }),
      result('b'),
      result('a', { verdict: 'failed', files: [], error: 'no room' }),
      result('gone'),
    ],
  );
  const { wwanpiVersion, entries } = JSON.parse(json);
  assert.equal(wwanpiVersion, '1.2.3');
  assert.deepEqual(
    entries.map(({ name, verdict, error }: FleetResult) => [name, verdict, error]),
    [
      ['b', 'built', undefined],
      ['a', 'failed', 'no room'],
    ],
  );
});

test('a stamp differs when size, time or inode do', () => {
  const stamp = { sizeBytes: 1, mtimeMs: 2, inode: 3 };
  assert.ok(isSameStamp(stamp, { ...stamp }));
  for (const key of ['sizeBytes', 'mtimeMs', 'inode'] as const) {
    assert.ok(!isSameStamp(stamp, { ...stamp, [key]: 9 }), key);
  }
});

const estimates: [string, Parameters<typeof estimateLeftSeconds>, number | undefined][] = [
  ['nothing is known', [[], [3], 5, 2], undefined],
  ['one is known', [[10], [], 4, 2], 20],
  ['the first, which filled the caches, is left out', [[100, 10, 20], [], 4, 1], 60],
  ['what runs is partly done', [[10], [4, 12], 1, 1], 16],
  ['all are done', [[10], [], 0, 3], 0],
];
for (const [what, given, expected] of estimates) {
  test(`the time left when ${what}`, () => assert.equal(estimateLeftSeconds(...given), expected));
}
