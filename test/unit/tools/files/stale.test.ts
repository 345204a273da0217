import assert from 'node:assert/strict';
import { chown, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeStale } from '../../../../src/tools/files/stale.ts';
import { createTestContext } from '../../../helpers/context.ts';

/** No process has it: the kernel's largest is 4194304 (proc(5), pid_max). */
const ENDED = 4_194_305;
const RUN = /^run-(\d+)-/;

test('what an ended run left is removed; what a live one has, or what is young, stays', async (t) => {
  const { tmpDir } = await createTestContext(t);
  for (const name of [`run-${ENDED}-a`, `run-${process.pid}-b`, 'other']) await mkdir(join(tmpDir, name));
  await writeFile(join(tmpDir, `run-${ENDED}-a`, 'file'), '');
  await removeStale(tmpDir, RUN, 3_600_000);
  assert.equal((await readdir(tmpDir)).length, 3);
  await utimes(join(tmpDir, `run-${ENDED}-a`), 1, 1);
  await removeStale(tmpDir, RUN, 3_600_000);
  assert.deepEqual((await readdir(tmpDir)).sort(), ['other', `run-${process.pid}-b`]);
});

// In /tmp anyone can make such a folder, and swap a folder in it for a link while root removes what is in there.
test('root leaves another user’s folder with such a name alone', {
  skip: process.getuid?.() === 0 ? false : 'giving a folder to another user needs root',
}, async (t) => {
  const { tmpDir } = await createTestContext(t);
  const folder = join(tmpDir, `run-${ENDED}-planted`);
  await mkdir(folder);
  await symlink(tmpDir, join(folder, 'link'));
  await chown(folder, 65_534, 65_534);
  await removeStale(tmpDir, RUN);
  assert.deepEqual(await readdir(folder), ['link']);
});
