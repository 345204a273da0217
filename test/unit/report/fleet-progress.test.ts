import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetResult } from '../../../src/fleet/fleet-state.ts';
import { createFleetProgress } from '../../../src/report/fleet-progress.ts';
import { formatFleetTable, formatFleetWarnings } from '../../../src/report/fleet-table.ts';

// A terminal with a cursor that moves, wherever the tests run.
process.env.TERM = 'xterm';
delete process.env.NO_COLOR;

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

test('in a CI log, one line for each finished image, with the total and the time left', () => {
  const lines: string[] = [];
  const progress = createFleetProgress(
    { write: (text) => lines.push(text) },
    { total: 4, jobs: 1, now: () => 0 },
  );
  progress.begin('a');
  progress.step('a', 'Copy');
  progress.finish(result('a'));
  progress.begin('b');
  progress.finish(result('b', { verdict: 'unchanged', seconds: 0.1 }));
  progress.begin('c');
  progress.finish(result('c', { verdict: 'failed', files: [], error: 'no room\nat all' }));
  progress.begin('d');
  progress.finish(result('d'));
  progress.close();
  assert.equal(
    lines.join(''),
    [
      '  ✓ a                            built, 150 MB  (10 s)  [1 of 4 images, 30 s left]',
      '  ✓ b                            unchanged, 150 MB  (0.1 s)  [2 of 4 images, 20 s left]',
      '  ✗ c                            failed: no room  (10 s)  [3 of 4 images, 10 s left]',
      '  ✓ d                            built, 150 MB  (10 s)  [4 of 4 images]',
      '',
    ].join('\n'),
  );
});

test('on a terminal the running images and the total are drawn over, and gone at the end', () => {
  const screen = createScreen();
  let now = 0;
  const progress = createFleetProgress(
    { write: screen.write, isTTY: true },
    { total: 3, jobs: 2, now: () => now },
  );
  progress.begin('a');
  progress.begin('b');
  progress.step('a', 'Check');
  now = 4000;
  progress.step('b', 'Copy');
  assert.deepEqual(screen.lines(), [
    '  … a                            Check        4.0 s',
    '  … b                            Copy         4.0 s',
    '    0 of 3 images',
  ]);
  progress.finish(result('a', { seconds: 6 }));
  assert.deepEqual(screen.lines(), [
    '  ✓ a                            built, 150 MB  (6.0 s)',
    '  … b                            Copy         4.0 s',
    '    1 of 3 images, 4.0 s left',
  ]);
  progress.finish(result('b'));
  progress.close();
  assert.deepEqual(screen.lines(), [
    '  ✓ a                            built, 150 MB  (6.0 s)',
    '  ✓ b                            built, 150 MB  (10 s)',
  ]);
});

test('--quiet says nothing', () => {
  const progress = createFleetProgress(
    { write: () => assert.fail('it was quiet'), isTTY: true },
    { total: 1, jobs: 1, quiet: true },
  );
  progress.begin('a');
  progress.finish(result('a'));
  progress.close();
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

/** As much of a terminal as the progress uses: text, "up n lines to column 1" (CPL) and "erase below" (ED). */
function createScreen(): { write: (text: string) => void; lines: () => string[] } {
  const rows: string[] = [''];
  let row = 0;
  const write = (text: string): void => {
    for (const [part] of text.matchAll(/\x1b\[\d*[A-Z]|\n|[^\x1b\n]+/g)) {
      const up = /^\x1b\[(\d+)F$/.exec(part);
      if (up !== null) row -= Number(up[1]);
      else if (part === '\x1b[0J') rows.splice(row, rows.length, '');
      else if (part === '\n') {
        row += 1;
        rows[row] ??= '';
      } else rows[row] = (rows[row] ?? '') + part;
    }
  };
  return { write, lines: () => rows.filter((line) => line !== '') };
}
