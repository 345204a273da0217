import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchBase } from '../../../src/base/fetch-base.ts';
import { fetchProvenBase, withProvenBase } from '../../../src/base/prove-base.ts';
import { InterruptedError } from '../../../src/core/errors.ts';
import { hashAside } from '../../../src/tools/files/hash-aside.ts';
import { createTestContext } from '../../helpers/context.ts';

const DISK = Buffer.alloc(9 * 1024 ** 2 + 777);
randomBytes(5000).copy(DISK, 4 * 1024 ** 2 - 100);
DISK.writeUInt16BE(0x55aa, 510);

async function prepare(t: Parameters<typeof createTestContext>[0]) {
  const real = await createTestContext(t);
  const warnings: string[] = [];
  const context = { ...real, report: { ...real.report, warn: (text: string) => warnings.push(text) } };
  const archive = join(context.tmpDir, 'base.img.gz');
  await writeFile(archive, gzipSync(DISK));
  const { diskPath } = await fetchBase(context, archive);
  return { context, warnings, archive, diskPath, facts: join(dirname(diskPath), 'disk.json') };
}

/** In place: size and length stay. */
async function flip(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.of((DISK[8_000_000] ?? 0) ^ 1), 0, 1, 8_000_000);
  await file.close();
}

const CASES: readonly (readonly [string, (disk: string, facts: string) => Promise<unknown>, RegExp])[] = [
  ['a bit of the disk changed', (disk) => flip(disk), /the disk has changed/],
  ['the disk cut short', (disk) => truncate(disk, 1_000_000), /disk\.img has another size/],
  ['the disk gone', (disk) => rm(disk), /disk\.img is missing/],
  ['facts that are no JSON', (_disk, facts) => writeFile(facts, '{'), /disk\.json is missing or damaged/],
  ['facts of another form', (_disk, facts) => writeFile(facts, '[]'), /disk\.json is missing or damaged/],
  ['the facts gone', (_disk, facts) => rm(facts), /disk\.json is missing or damaged/],
  [
    'a wrong hash in the facts',
    async (_disk, facts) =>
      writeFile(facts, (await readFile(facts, 'utf8')).replace(/"[0-9a-f]{64}"/, `"${'0'.repeat(64)}"`)),
    /the disk has changed/,
  ],
];
for (const [what, damage, fault] of CASES) {
  test(`${what}: the base is made again with one warning, and the work done on that`, async (t) => {
    const { context, warnings, archive, diskPath, facts } = await prepare(t);
    await damage(diskPath, facts);
    const seen = await withProvenBase(
      context,
      () => fetchBase(context, archive),
      async (base) => ({ base, disk: await readFile(base.diskPath) }),
    );
    assert.ok(DISK.equals(seen.disk));
    assert.equal(seen.base.imgSha256, createHash('sha256').update(DISK).digest('hex'));
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /^disks\/[0-9a-f]{64} in the cache is damaged \(.*\); wwanpi makes it again$/,
    );
    assert.match(warnings[0] ?? '', fault);
    assert.equal((await readdir(join(context.cacheDir, 'disks'))).length, 1);
    assert.notEqual((await fetchProvenBase(context, archive)).cacheEntry, undefined);
    assert.equal(warnings.length, 1);
  });
}

test('an error that a damaged base led to is not told; one on a sound base is, and is not tried again', async (t) => {
  const { context, warnings, archive, diskPath } = await prepare(t);
  let works = 0;
  const work = async (base: { diskPath: string }) => {
    works += 1;
    if (!DISK.equals(await readFile(base.diskPath))) throw new Error('e2fsck finds errors');
    throw new Error('no such APN');
  };
  const fetch = () => fetchBase(context, archive);
  await flip(diskPath);
  await assert.rejects(withProvenBase(context, fetch, work), /no such APN/);
  assert.equal(works, 2);
  await assert.rejects(withProvenBase(context, fetch, work), /no such APN/);
  assert.equal(works, 3);
  assert.equal(warnings.length, 1);
});

test('work can wait for the check before it does what takes long', async (t) => {
  const { context, archive, diskPath } = await prepare(t);
  await flip(diskPath);
  const seen: string[] = [];
  await withProvenBase(
    context,
    () => fetchBase(context, archive),
    async (_base, proven) => {
      seen.push('begun');
      await proven();
      seen.push('done');
    },
  );
  assert.deepEqual(seen, ['begun', 'begun', 'done']);
});

test('an interrupt ends the comparison, and costs nothing in the cache', async (t) => {
  const { context, warnings, archive, diskPath } = await prepare(t);
  const abort = new AbortController();
  const stopped = { ...context, signal: abort.signal };
  const fetch = async () => {
    const base = await fetchBase(context, archive);
    abort.abort();
    return base;
  };
  await assert.rejects(
    withProvenBase(stopped, fetch, async () => undefined),
    InterruptedError,
  );
  assert.equal(await hashAside(diskPath, context.signal), createHash('sha256').update(DISK).digest('hex'));
  assert.deepEqual(warnings, []);
});
