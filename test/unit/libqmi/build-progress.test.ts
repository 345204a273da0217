import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followBuild } from '../../../src/libqmi/build-progress.ts';

function follow(lines: readonly string[]): string[] {
  const told: string[] = [];
  const onLine = followBuild({ update: (text) => told.push(text) });
  for (const line of lines) onLine(line);
  return told;
}

test("ninja's count is told", () => {
  const lines = ['ninja: Entering directory `/x`', '[1/212] Generating a', '[212/212] Linking target qmicli'];
  assert.deepEqual(follow(lines), ['1 of 212 compiled', '212 of 212 compiled']);
});

test('of make, the files are counted', () => {
  const lines = [
    'make: Entering directory /x',
    '  GEN      a.c',
    '  CC       a.lo',
    '  CCLD     libqmi-glib.la',
  ];
  assert.deepEqual(follow(lines), ['1 files compiled', '2 files compiled']);
});
