import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetResult } from '../../../src/fleet/fleet-state.ts';
import { formatFleetNext, formatFleetTable, formatFleetWarnings } from '../../../src/report/fleet-table.ts';

const result = (name: string, more: Partial<FleetResult> = {}): FleetResult => ({
  name,
  apn: 'internet',
  base: 'debian-bookworm',
  files: [
    { name: `${name}.img`, sizeBytes: 713_031_680, sha256: 'ab'.repeat(32), kind: 'image' },
    { name: `${name}.img.xz`, sizeBytes: 150_000_000, sha256: 'cd'.repeat(32), kind: 'packed' },
  ],
  seconds: 10,
  verdict: 'built',
  ...more,
});

test('the table has entry, size, time, SHA-256 and verdict, and shortens hashes for a narrow terminal', () => {
  const results = [result('a'), result('long-name', { verdict: 'failed', files: [], error: 'x' })];
  const wide = formatFleetTable(results, ['c'], false);
  assert.match(wide, new RegExp(`^a +150 MB +10 s +${'cd'.repeat(32)} +built$`, 'm'));
  assert.match(wide, /^long-name +10 s +failed$/m);
  assert.match(wide, /^c +not begun$/m);
  assert.match(wide, /\n1 built, 1 failed, 1 not begun\n$/);
  assert.match(formatFleetTable(results, [], false, 90), /^a +150 MB +10 s +cdcdcdcdcdcdcdcd… +built$/m);
  assert.match(formatFleetTable([result('a', { files: [] })], [], true), /to be built$/m);
});

test('a warning of many images stands once', () => {
  const warnings = new Map([
    ['no password', ['a', 'b', 'c', 'd']],
    ['odd APN', ['a', 'a', 'b']],
  ]);
  assert.deepEqual(formatFleetWarnings(warnings, 5), ['4 of 5 images: no password', 'a, b: odd APN']);
  assert.deepEqual(formatFleetWarnings(new Map([['x', ['a']]]), 1), ['x']);
});

test('the end says what comes next, with a file that is there', () => {
  const text = formatFleetNext([result('bad', { verdict: 'failed', files: [] }), result('a')], 'my images');
  const commands = text.split('\n').filter((line) => line.startsWith('  '));
  assert.match(text, /^\nThe images are in my images\./);
  assert.deepEqual(
    commands.map((line) => line.trim().split(/ {2,}/)[1]),
    [
      "wwanpi boot 'my images/a.img.xz'",
      "sudo wwanpi flash 'my images/a.img.xz'",
      "wwanpi catalogue 'my images'",
    ],
  );
  assert.equal(formatFleetNext([], 'out'), '');
});
