import assert from 'node:assert/strict';
import { chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runFetch } from '../../../src/commands/fetch.ts';
import { silentReporter } from '../../../src/core/reporter.ts';
import { findForeignOwner } from '../../../src/host/foreign-cache.ts';
import { withRun } from '../../../src/host/with-run.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeUser, userLack } from '../../helpers/throwaway-user.ts';

const needsRoot = { skip: userLack() ?? false };

/** A user's cache, with root's own folder beside that no link of the user's may lead root into. */
async function prepare(t: TestContext) {
  const user = await makeUser(t, 'x');
  const { tmpDir } = await createTestContext(t);
  const cache = join(user.home, 'cache');
  const give = (path: string) => chown(path, user.uid, user.gid);
  const precious = join(tmpDir, 'precious');
  await mkdir(precious);
  await writeFile(join(precious, 'a.log'), 'precious');
  const image = join(tmpDir, 'base.img.gz');
  const disk = Buffer.alloc(100_000, 'x');
  disk.writeUInt16BE(0x55aa, 510);
  await writeFile(image, gzipSync(disk));
  return { user, cache, give, precious, image };
}

test(
  'a cache is foreign to root where it, or part of it, is or would be another user’s',
  needsRoot,
  async (t) => {
    const { user, cache, give } = await prepare(t);
    const { uid, gid } = user;
    assert.deepEqual(await findForeignOwner(join(cache, 'not/there')), { uid, gid });
    await mkdir(join(cache, 'bases'), { recursive: true });
    assert.equal(await findForeignOwner(cache), undefined);
    await give(join(cache, 'bases'));
    assert.deepEqual(await findForeignOwner(cache), { uid, gid });
  },
);

test('root uses nothing of a user’s cache, not even its folder for logs', needsRoot, async (t) => {
  const { cache, give, precious } = await prepare(t);
  await mkdir(join(cache, 'apt'), { recursive: true });
  await symlink(precious, join(cache, 'logs'));
  await give(cache);
  const found = await withRun({ report: silentReporter, cacheDir: cache }, async ({ context, logPath }) => {
    const { mode, uid } = await stat(join(context.cacheDir, '..'));
    assert.deepEqual([mode & 0o777, uid], [0o700, 0]);
    assert.ok(context.tmpDir.startsWith(join(context.cacheDir, '..')));
    assert.equal(logPath.startsWith(cache), false);
    assert.deepEqual(await readdir(context.cacheDir).catch(() => []), []);
    return context.cacheDir;
  });
  assert.deepEqual(await readdir(precious), ['a.log']);
  await assert.rejects(stat(join(found, '..')), { code: 'ENOENT' });
});

test(
  'what root fetched is handed over: it is the user’s, whole, and lies where the user’s run looks',
  needsRoot,
  async (t) => {
    const { user, cache, image } = await prepare(t);
    const [path = ''] = (await runFetch(silentReporter, [image], { cacheDir: cache })).split('\n');
    assert.ok(path.startsWith(`${cache}/disks/`), path);
    assert.equal((await readFile(path)).length, 100_000);
    for (const each of ['', 'disks', path.slice(cache.length + 1)]) {
      assert.equal((await lstat(join(cache, each))).uid, user.uid, each);
    }
    assert.deepEqual(await readdir(cache), ['disks']);
    // Once more: what is there stays.
    const before = await stat(path);
    await runFetch(silentReporter, [image], { cacheDir: cache });
    assert.equal((await stat(path)).ino, before.ino);
  },
);

test('links that wait in a user’s cache lead root nowhere', needsRoot, async (t) => {
  const { user, cache, give, precious, image } = await prepare(t);
  await mkdir(cache);
  await give(cache);
  for (const section of ['disks', 'logs', 'apt', 'bases', 'debs', 'downloads']) {
    await symlink(precious, join(cache, section));
  }
  await assert.rejects(runFetch(silentReporter, [image], { cacheDir: cache }), /mv|mkdir|exit code/);
  assert.deepEqual(await readdir(precious), ['a.log']);
  assert.equal((await stat(precious)).uid, 0);
  assert.equal(await readFile(join(precious, 'a.log'), 'utf8'), 'precious');
  assert.equal((await lstat(cache)).uid, user.uid);
});
