import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import type { Disk } from '../../../src/core/model.ts';
import { BLOCK_BYTES } from '../../../src/recipe/compression.ts';
import { readBlocks } from '../../../src/release/read-blocks.ts';
import { openSharedWork } from '../../../src/release/shared-work.ts';
import { hashFile } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const MIB = 1024 * 1024;

/** What a build may do to a copy. */
const CHANGES: readonly (readonly [name: string, change: (path: string) => Promise<void>])[] = [
  ['nothing', async () => undefined],
  ['a byte', (path) => write(path, 3 * BLOCK_BYTES + 5, Buffer.from([7]))],
  [
    'the first and the last bytes',
    async (path) => {
      await write(path, 0, randomBytes(MIB));
      await write(path, (await stat(path)).size - 3, randomBytes(3));
    },
  ],
  ['a hole, across two blocks', (path) => write(path, 4 * BLOCK_BYTES - MIB, randomBytes(2 * MIB))],
  ['growth', async (path) => write(path, (await stat(path)).size, randomBytes(BLOCK_BYTES + 1))],
  ['nothing again', async () => undefined],
  [
    'a secret',
    async (path) => {
      await chmod(path, 0o600);
      await write(path, BLOCK_BYTES, Buffer.from('hunter2'));
    },
  ],
];

test('each image gets a copy with the bytes and the mode of the base, whatever the one before did to it', async (t) => {
  const { context, base, made, padded } = await prepare(t);
  const { copies, hashes } = openSharedWork();
  const [wanted, { mode, size }] = [await hashFile(base.path), await stat(base.path)];
  const paths = new Set<string>();
  // Each change twice: also on a copy whose base is known by then.
  for (const [name, change] of [...CHANGES, ...CHANGES]) {
    await copies.with(context, base, made, async (copy, learn) => {
      paths.add(copy.path);
      assert.equal((await stat(copy.path)).mode, mode, name);
      assert.equal(await hashFile(copy.path), padded, name);
      await change(copy.path);
      const expected = await hashFile(copy.path);
      assert.equal((await readBlocks(context, copy.path, [learn], hashes)).sha256, expected, name);
    });
  }
  assert.equal(paths.size, 1, 'one copy serves all');
  await copies.close();
  assert.deepEqual(await readdir(made), []);
  assert.deepEqual([await hashFile(base.path), (await stat(base.path)).size], [wanted, size]);
});

test('two at once have a copy each; that of a failed image is not used again', async (t) => {
  const { context, base, made, padded } = await prepare(t);
  const { copies, hashes } = openSharedWork();
  const build = async (fails: boolean) =>
    copies.with(context, base, made, async (copy, learn) => {
      assert.equal(await hashFile(copy.path), padded);
      await write(copy.path, 0, randomBytes(100));
      await readBlocks(context, copy.path, [learn], hashes);
      if (fails) throw new Error('no');
      return copy.path;
    });
  const pair = await Promise.all([build(false), build(false)]);
  assert.equal(new Set(pair).size, 2);
  await assert.rejects(build(true), /^Error: no$/);
  assert.equal((await readdir(made)).length, 1);
  assert.ok(pair.includes(await build(false)));
  // What was never read back is not trusted: nothing is known of the copy, so all of it is compared.
  await copies.with(context, base, made, (copy) => write(copy.path, BLOCK_BYTES, randomBytes(100)));
  assert.ok(pair.includes(await build(false)));
  await copies.close();
  assert.deepEqual(await readdir(made), []);
});

test('the copies of one base are gone when another one comes', async (t) => {
  const { context, base, made, padded } = await prepare(t);
  const other = { ...base, path: join(context.tmpDir, 'other.img') };
  await copyFile(base.path, other.path);
  await write(other.path, 2 * BLOCK_BYTES, randomBytes(100));
  const otherPadded = await hashPadded(context, other);
  const { copies, hashes } = openSharedWork();
  for (const [disk, wanted] of [
    [base, padded],
    [other, otherPadded],
    [base, padded],
  ] as const) {
    await copies.with(context, disk, made, async (copy, learn) => {
      assert.equal(await hashFile(copy.path), wanted);
      assert.equal((await readdir(made)).length, 1);
      await readBlocks(context, copy.path, [learn], hashes);
    });
  }
  await copies.close();
});

/** A base that does not end at a multiple of 4 KiB, with holes, and a folder for copies. */
async function prepare(t: Parameters<typeof createTestContext>[0]) {
  const context = await createTestContext(t);
  const base = await makeImage(context, 'base.img', { root: { '/etc/motd': randomBytes(MIB) } });
  await write(base.path, base.layout.sizeBytes, randomBytes(512));
  const made = join(context.tmpDir, 'made');
  await context.exec(['mkdir', made]);
  const disk: Disk = { ...base, layout: { ...base.layout, sizeBytes: base.layout.sizeBytes + 512 } };
  return { context, base: disk, made, padded: await hashPadded(context, disk) };
}

/** Copies are padded to 4 KiB. */
async function hashPadded({ tmpDir }: Context, { path }: Disk): Promise<string> {
  const padded = join(tmpDir, 'padded');
  await writeFile(padded, await readFile(path));
  await truncate(padded, Math.ceil((await stat(padded)).size / 4096) * 4096);
  return hashFile(padded);
}

async function write(path: string, at: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}
