import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatSudoCommand, packageRoot } from '../../../src/core/package.ts';

test('sudo is given a command that it finds: in a checkout wwanpi is on no PATH', () => {
  const words = ['flash', 'out/a b.img'];
  assert.deepEqual(formatSudoCommand(words, '/srv'), ['sudo', 'wwanpi', ...words]);
  assert.deepEqual(formatSudoCommand(words, join(packageRoot, 'src')), ['sudo', 'wwanpi', ...words]);
  assert.deepEqual(formatSudoCommand(words, packageRoot), [
    'sudo',
    process.execPath,
    'dist/src/cli.js',
    ...words,
  ]);
});
