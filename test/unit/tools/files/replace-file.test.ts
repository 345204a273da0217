import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomic } from '../../../../src/tools/files/replace-file.ts';
import { createTestContext } from '../../../helpers/context.ts';

test('a write that fails leaves the old file', async (t) => {
  const { tmpDir: folder } = await createTestContext(t);
  await writeFile(join(folder, 'a.img'), 'image');
  await writeFile(join(folder, 'a.manifest.json'), '{}');
  await assert.rejects(writeFileAtomic(join(folder, 'a.img', 'x'), 'new'));
  await writeFileAtomic(join(folder, 'a.manifest.json'), '{"new":1}');
  assert.equal(await readFile(join(folder, 'a.manifest.json'), 'utf8'), '{"new":1}');
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('partial')),
    [],
  );
});
