import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { packageRoot } from '../../../src/core/package.ts';
import { openBlockCache } from '../../../src/host/block-cache.ts';
import { createTestContext } from '../../helpers/context.ts';
import { mountSmallDisk } from '../../helpers/small-disk.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const getKey = (index: number) => String(index).padStart(64, '0');
const contentOf = (index: number) => Buffer.alloc(100_000, getKey(index));
const unused = () => assert.fail('it is in the cache');

/** The paths of the cache's files. */
async function listFiles(context: Context): Promise<string[]> {
  const folder = join(context.cacheDir, 'blocks');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function fill(context: Context, count: number): Promise<void> {
  const cache = openBlockCache(context, 'a');
  for (let index = 0; index < count; index += 1)
    await cache.provide(getKey(index), async () => contentOf(index));
}

test('what was made comes from the cache, of the same section alone', async (t) => {
  const context = await createTestContext(t);
  await fill(context, 2);
  const cache = openBlockCache(context, 'a');
  assert.deepEqual(await cache.provide(getKey(0), unused), contentOf(0));
  assert.deepEqual(await cache.provide(getKey(1), unused), contentOf(1));
  const other = openBlockCache(context, 'b');
  assert.deepEqual(await other.provide(getKey(0), async () => Buffer.from('b')), Buffer.from('b'));
});

const DAMAGE: readonly (readonly [what: string, damage: (path: string) => Promise<void>])[] = [
  ['cut short', (path) => truncate(path, 50_000)],
  ['empty', (path) => truncate(path, 0)],
  ['without all of its hash', (path) => truncate(path, 20)],
  [
    'of zeros from a page on, as after a power cut',
    async (path) => {
      const { size } = await stat(path);
      await truncate(path, 4096);
      await truncate(path, size);
    },
  ],
  [
    'with one bit changed',
    async (path) => {
      const bytes = await readFile(path);
      bytes[5000] = (bytes[5000] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
  ],
];
for (const [what, damage] of DAMAGE) {
  test(`an entry that is ${what} is not used, and made again`, async (t) => {
    const context = await createTestContext(t);
    await fill(context, 1);
    const [path] = await listFiles(context);
    await damage(path ?? '');
    let made = 0;
    const cache = openBlockCache(context, 'a');
    const make = async () => {
      made += 1;
      return contentOf(0);
    };
    assert.deepEqual(await cache.provide(getKey(0), make), contentOf(0));
    assert.deepEqual(await cache.provide(getKey(0), unused), contentOf(0));
    assert.equal(made, 1);
  });
}

test('who asks for the same at once shares one making, and its failure; the next tries again', async (t) => {
  const context = await createTestContext(t);
  const cache = openBlockCache(context, 'a');
  let made = 0;
  const fail = async () => {
    made += 1;
    throw new Error('no');
  };
  const failed = await Promise.allSettled([0, 1, 2].map(() => cache.provide(getKey(0), fail)));
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.equal(made, 1);
  assert.deepEqual(await cache.provide(getKey(0), async () => contentOf(0)), contentOf(0));
});

test('pruning keeps within the size, drops what was used longest ago, of all sections, and stale halves', async (t) => {
  const context = await createTestContext(t);
  await fill(context, 10);
  for (const path of await listFiles(context)) {
    const index = Number(path.slice(-4));
    const time = new Date(Date.now() - (20 - index) * 3_600_000);
    await utimes(path, time, time);
  }
  const folder = join(context.cacheDir, 'blocks/a/00');
  const stale = join(folder, `${getKey(0)}.partial-1-aa`);
  const fresh = join(folder, `${getKey(0)}.partial-1-bb`);
  await mkdir(folder, { recursive: true });
  await Promise.all([stale, fresh].map((path) => writeFile(path, 'half')));
  await utimes(stale, 0, 0);
  // Used again, so it is the youngest but those made now.
  const cache = openBlockCache(context, 'b', { maxBytes: 350_000 });
  await openBlockCache(context, 'a').provide(getKey(2), unused);
  await cache.provide(getKey(99), async () => contentOf(99));
  await cache.prune();
  const left = (await listFiles(context)).map((path) => path.split('/blocks/')[1]).sort();
  assert.deepEqual(
    left,
    [`a/00/${getKey(2)}`, `a/00/${getKey(9)}`, `a/00/${getKey(0)}.partial-1-bb`, `b/00/${getKey(99)}`].sort(),
  );
});

test('a cache that cannot be read says so', async (t) => {
  const context = await createTestContext(t);
  await mkdir(join(context.cacheDir, 'blocks/a/00', getKey(0)), { recursive: true });
  await assert.rejects(openBlockCache(context, 'a').provide(getKey(0), unused), { code: 'EISDIR' });
});

test('a cache that cannot be written keeps nothing and fails nothing, with one warning', async (t) => {
  const context = await createTestContext(t);
  const disk = await mountSmallDisk(t, 64 * 1024);
  if (typeof disk === 'string') return t.skip(disk);
  const warnings: string[] = [];
  const report = { ...context.report, warn: (text: string) => warnings.push(text) };
  const provide = async (why: RegExp) => {
    const cache = openBlockCache({ ...context, report, cacheDir: disk.folder }, 'a');
    for (const index of [0, 1]) {
      assert.deepEqual(await cache.provide(getKey(index), async () => contentOf(index)), contentOf(index));
    }
    await cache.prune();
    assert.equal(warnings.length, 1);
    assert.match(warnings.pop() ?? '', why);
  };
  await provide(/blocks \(ENOSPC\): compressed blocks are not kept/);
  disk.remount('ro');
  await provide(/blocks \((EROFS|ENOENT)\): compressed blocks are not kept/);
});

/** A process that makes and reads entries without end: a dot for each round, and words where one is not as it was made. */
const USER = `
import { openBlockCache } from './src/host/block-cache.ts';
const cache = openBlockCache({ cacheDir: process.argv[1] }, 'a');
const contentOf = (key) => Buffer.alloc(100_000, key);
for (let round = 0; ; round += 1) {
  const keys = Array.from({ length: 8 }, (_, index) => String((round * 8 + index) % 400).padStart(64, '0'));
  const contents = await Promise.all(keys.map((key) => cache.provide(key, async () => contentOf(key))));
  for (const [index, content] of contents.entries())
    if (!content.equals(contentOf(keys[index]))) process.stdout.write('torn ' + keys[index] + '\\n');
  process.stdout.write('.');
  await new Promise((done) => setImmediate(done));
}
`;

function startUser(t: TestContext, context: Context) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', USER, context.cacheDir],
    { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return {
    child,
    said: () => said,
    rounds: (count: number) => waitFor(`${count} rounds`, () => said.length >= count, { everyMs: 1 }),
  };
}

test('two processes at once, one killed outright again and again: no entry is ever torn', async (t) => {
  const context = await createTestContext(t);
  const living = startUser(t, context);
  await living.rounds(1);
  for (const count of [1, 3, 10, 30]) {
    const doomed = startUser(t, context);
    await doomed.rounds(count);
    doomed.child.kill('SIGKILL');
    await once(doomed.child, 'exit');
    assert.match(doomed.said(), /^\.+$/);
  }
  living.child.kill('SIGKILL');
  await once(living.child, 'exit');
  assert.match(living.said(), /^\.+$/);
  const paths = await listFiles(context);
  const whole = paths.filter((path) => !path.includes('.partial-'));
  assert.ok(whole.length > 0);
  const cache = openBlockCache(context, 'a');
  for (const path of whole) {
    const key = path.slice(path.lastIndexOf('/') + 1);
    assert.deepEqual(await cache.provide(key, unused), Buffer.alloc(100_000, key));
  }
});
