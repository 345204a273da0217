import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chown, copyFile, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyChanges } from '../../../src/customise/apply-changes.ts';
import { checkImage } from '../../../src/customise/check-image.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import { BASE, CHANGES, EPOCH } from '../../helpers/changes.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const NOBODY = 65_534;

// In a file of its own, since giving up root is for good. Anyone but root is an ordinary user already.
test('user nobody makes the same bytes', async (t) => {
  const context = await createTestContext(t);
  const first = await makeImage(context, 'first.img', BASE);
  const second = { ...first, path: join(context.tmpDir, 'second.img') };
  await copyFile(first.path, second.path);
  await applyChanges(context, first, CHANGES, EPOCH);
  if (process.geteuid?.() === 0) {
    for (const path of [context.tmpDir, second.path]) await chown(path, NOBODY, NOBODY);
    process.setgroups?.([]);
    process.setgid?.(NOBODY);
    process.setuid?.(NOBODY);
    await assert.rejects(open('/etc/shadow', 'r'), { code: 'EACCES' });
  }
  const applied = await applyChanges(context, await openDisk(second.path), CHANGES, EPOCH);
  await checkImage(context, applied, CHANGES, EPOCH);
  assert.equal(await sha256(second.path), await sha256(first.path));
});

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
