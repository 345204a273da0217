import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCpio } from '../../../src/formats/cpio.ts';
import { createTestContext } from '../../helpers/context.ts';

const ENTRIES = [
  { path: 'bin', mode: 0o040755 },
  { path: 'bin/tool', mode: 0o100755, data: Buffer.from('#!/bin/sh\n') },
  { path: 'bin/link', mode: 0o120777, data: Buffer.from('tool') },
  { path: 'empty', mode: 0o100600 },
];

test('every part is a multiple of four, and the end is marked', () => {
  const bytes = encodeCpio(ENTRIES);
  assert.equal(bytes.length % 4, 0);
  assert.equal(bytes.toString('latin1', 0, 6), '070701');
  assert.ok(bytes.includes('TRAILER!!!'));
  assert.deepEqual(encodeCpio(ENTRIES), bytes);
});

test('cpio reads it', async (t) => {
  const { exec } = await createTestContext(t);
  const { stdout } = await exec(['cpio', '-itv', '--quiet', '--numeric-uid-gid'], {
    input: encodeCpio(ENTRIES),
  });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' '));
  assert.deepEqual(lines, [
    'drwxr-xr-x 2 0 0 0 Jan 1 1970 bin',
    '-rwxr-xr-x 1 0 0 10 Jan 1 1970 bin/tool',
    'lrwxrwxrwx 1 0 0 4 Jan 1 1970 bin/link -> tool',
    '-rw------- 1 0 0 0 Jan 1 1970 empty',
  ]);
});
