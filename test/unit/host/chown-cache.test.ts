import assert from 'node:assert/strict';
import { chown, lstat, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { chownCache, findOwner } from '../../../src/host/chown-cache.ts';
import { createTestContext } from '../../helpers/context.ts';

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'needs root to give files away' };

test(
  "what root put into a user's cache becomes the user's, links included and nothing beyond",
  needsRoot,
  async (t) => {
    const { tmpDir } = await createTestContext(t);
    const outside = join(tmpDir, 'outside');
    await writeFile(outside, '');
    const home = join(tmpDir, 'home');
    await mkdir(home);
    await chown(home, 1234, 1235);
    const cache = join(home, 'cache');
    const owner = await findOwner(cache);
    assert.deepEqual(owner, { uid: 1234, gid: 1235 });
    await mkdir(join(cache, 'bases/x'), { recursive: true });
    await writeFile(join(cache, 'bases/x/disk.img'), '');
    await symlink(outside, join(cache, 'bases/link'));
    await writeFile(join(cache, 'another'), '');
    await chown(join(cache, 'another'), 77, 77);
    await chownCache(cache, owner);
    for (const path of ['', 'bases', 'bases/x', 'bases/x/disk.img', 'bases/link']) {
      assert.equal((await lstat(join(cache, path))).uid, 1234, path);
    }
    assert.equal((await lstat(outside)).uid, 0);
    assert.equal((await lstat(join(cache, 'another'))).uid, 77);
  },
);

test("root's own cache stays root's", needsRoot, async (t) => {
  const { tmpDir } = await createTestContext(t);
  await chownCache(tmpDir, await findOwner(join(tmpDir, 'not/there')));
  assert.equal((await lstat(tmpDir)).uid, 0);
});
