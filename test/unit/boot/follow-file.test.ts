import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { followFile } from '../../../src/boot/follow-file.ts';
import { createTestContext } from '../../helpers/context.ts';

test('whole lines are read as they come, without control characters', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'console.log');
  const file = followFile(path);
  t.after(() => file.close());
  assert.deepEqual(await file.readLines(), []);
  await writeFile(path, 'one\r\ntw');
  assert.deepEqual(await file.readLines(), ['one']);
  await appendFile(path, 'o\x1b[0m\x00\tx\x1ey\n');
  assert.deepEqual(await file.readLines(), ['two[0m\tx\x1ey']);
  const bytes = Buffer.from('für\n');
  await appendFile(path, bytes.subarray(0, 2));
  assert.deepEqual(await file.readLines(), []);
  await appendFile(path, bytes.subarray(2));
  assert.deepEqual(await file.readLines(), ['für']);
});
