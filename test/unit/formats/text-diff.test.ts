import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffTexts } from '../../../src/formats/text-diff.ts';

const makeText = (prefix: string) =>
  Buffer.from(Array.from({ length: 20_000 }, (_, index) => `${prefix}${(index * 7919) % 65_536}\n`).join(''));

test('two long texts without a common line end as such, soon', { timeout: 60_000 }, () => {
  assert.deepEqual(diffTexts(makeText('a'), makeText('b')), ['… too much differs to show']);
});

test('a long text that is new is shown with its first lines', () => {
  const lines = diffTexts(undefined, makeText('a')) ?? [];
  assert.equal(lines.length, 201);
  assert.deepEqual([lines[1], lines.at(-1)], ['+a0', '… 19801 more lines']);
});
