import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { isAddress } from '../../../../src/formats/config/address.ts';
import { createRandom } from '../../../helpers/mutate.ts';

test('an address is what Node takes for one, but for zones', () => {
  const below = createRandom(1);
  const parts = [
    '1',
    '255',
    '256',
    '01',
    'ffff',
    '0',
    ':',
    '::',
    '.',
    'fe80',
    'g',
    '12345',
    ':1.2.3.4',
    '%eth0',
  ];
  let good = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const length = 1 + below(16);
    const text = Array.from({ length }, () => parts[below(parts.length)] ?? '').join(
      below(2) === 0 ? ':' : '',
    );
    const expected = isIP(text) !== 0 && !text.includes('%');
    assert.equal(isAddress(text), expected, text);
    if (expected) good += 1;
  }
  for (const text of [
    '::',
    '::1',
    '1:2:3:4:5:6:7:8',
    '1::8',
    '::1.2.3.4',
    '1.1.1.1',
    '1:2:3:4:5:6:1.2.3.4',
  ]) {
    assert.ok(isAddress(text), text);
  }
  assert.ok(good > 50, `${good}`);
});
