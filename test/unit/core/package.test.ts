import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { asRoot, packageRoot } from '../../../src/core/package.ts';

test('sudo is given a command that it finds: in a checkout wwanpi is on no PATH', () => {
  const words = ['flash', 'out/a b.img'];
  assert.deepEqual(asRoot(words, '/srv'), ['sudo', 'wwanpi', ...words]);
  assert.deepEqual(asRoot(words, join(packageRoot, 'src')), ['sudo', 'wwanpi', ...words]);
  assert.deepEqual(asRoot(words, packageRoot), ['sudo', process.execPath, 'dist/src/cli.js', ...words]);
});
