import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDuration } from '../../../src/formats/units.ts';

test('sizes and times read as people write them', () => {
  assert.deepEqual([0, 999, 1000, 1_803_550_720, 123_456_789].map(formatBytes), [
    '0 B',
    '999 B',
    '1 kB',
    '1.8 GB',
    '123 MB',
  ]);
  assert.deepEqual([0.04, 9.4, 59, 65, 3725].map(formatDuration), [
    '0.0 s',
    '9.4 s',
    '59 s',
    '1 min 05 s',
    '1 h 02 min',
  ]);
});
