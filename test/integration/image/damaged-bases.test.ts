import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InputError } from '../../../src/core/errors.ts';
import type { Disk } from '../../../src/core/model.ts';
import { silentReporter } from '../../../src/core/reporter.ts';
import { assertCleanBase } from '../../../src/image/assert-clean.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { debugfs, locateInode, patch, readBytes } from '../../helpers/patch-image.ts';

/** Four block groups of 8192 blocks of 1 KiB, the second and the fourth with a backup of the descriptors. */
async function makeGroups(context: Context): Promise<Disk> {
  const content = { root: { '/etc/hostname': 'pi\n', '/many/a': 'a', '/many/b': 'b' } };
  return makeImage(context, 'base.img', content, {
    mke2fs: ['-b', '1024', '-g', '8192'],
    // makeImage counts in blocks of 4 KiB: this is 32768 of them.
    rootSectors: 262_144,
  });
}

const BLOCK = 1024;
const GROUP = 8192;

/** Writes the inode table of group 2 into the descriptors behind the superblock of a group. */
async function setInodeTable({ path, layout }: Disk, copy: number, block: number): Promise<void> {
  const descriptors = layout.root.offsetBytes + (1 + copy * GROUP + 1) * BLOCK;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(block);
  await patch({ path }, descriptors + 2 * 32 + 8, bytes);
}

async function assertDamaged(context: Context, disk: Disk, why: RegExp): Promise<InputError> {
  let caught: unknown;
  await assertCleanBase(context, disk).catch((error: unknown) => {
    caught = error;
  });
  assert.ok(caught instanceof InputError, String(caught));
  assert.match(caught.message, why);
  return caught;
}

test('a base whose group descriptors e2fsck takes from a backup is damaged', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeGroups(context);
  await assertCleanBase(context, disk);
  await setInodeTable(disk, 0, 0);
  const error = await assertDamaged(context, disk, /^the base image is damaged: e2fsck finds errors/);
  assert.match(error.detail ?? '', /trying backup blocks/);
});

test('a base that makes e2fsck print for ever is refused with its first words', {
  timeout: 300_000,
}, async (t) => {
  const context = await createTestContext(t);
  const disk = await makeGroups(context);
  for (const copy of [0, 1, 3]) await setInodeTable(disk, copy, 0);
  const error = await assertDamaged(context, disk, /^the base image is damaged: e2fsck/);
  assert.ok((error.detail ?? '').length < 20_000);
});

test('a base with which e2fsck gives up (8) or gives up after errors (12) is damaged', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeGroups(context);
  const root = disk.layout.root.offsetBytes;
  const inode = await locateInode(context, disk, '/many');
  // Its one block is one that is not there.
  await patch(disk, inode + 0x28 + 12 + 8, Buffer.from([0xff, 0xff, 0xff, 0x00]));
  await assertDamaged(context, disk, /^the base image is damaged: e2fsck finds errors/);
  // A revision that no e2fsck knows: operational error alone.
  await patch(disk, root + 1024 + 0x4c, Buffer.from([9, 0, 0, 0]));
  await assertDamaged(context, disk, /^the base image is damaged: e2fsck finds errors/);
});

test('a root marked as having errors is warned of', async (t) => {
  const warnings: string[] = [];
  const context = {
    ...(await createTestContext(t)),
    report: { ...silentReporter, warn: (text: string) => warnings.push(text) },
  };
  const disk = await makeGroups(context);
  await assertCleanBase(context, disk);
  assert.deepEqual(warnings, []);
  await debugfs(context, disk, 'ssv state 3');
  await assertCleanBase(context, disk);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /marked as having errors.*e2fsck -fp '.*base\.img\?offset=\d+'/);
});

test('a check that comes to no end is ended, and told as such', { timeout: 60_000 }, async (t) => {
  const context = await withSleepingFsck(t);
  const disk = await makeGroups(context);
  const hurried: Context = {
    ...context,
    exec: (argv, options) => {
      const limit = options?.timeoutMs;
      assert.ok(limit === undefined ? argv[0] !== 'e2fsck' : limit >= 60_000 && limit < 120_000);
      return context.exec(argv, limit === undefined ? options : { ...options, timeoutMs: 500 });
    },
  };
  await assertDamaged(hurried, disk, /e2fsck did not finish within 0\.5 s.*it cannot check this file system/);
});

test('file systems of another kind are named, with the file and what to take', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeGroups(context);
  const at = disk.layout.root.offsetBytes + 1024;
  const superblock = await readBytes(disk, at, 1024);
  const cases: [name: RegExp, change: (bytes: Buffer) => unknown][] = [
    [/root partition holds no ext4 file system/, (bytes) => bytes.fill(0)],
    [/root partition holds f2fs, not ext4/, (bytes) => bytes.fill(0).writeUInt32LE(0xf2f52010, 0)],
    [/holds ext2 or ext3, not ext4/, (bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(0x60) & ~0x40, 0x60)],
  ];
  for (const [why, change] of cases) {
    const bytes = Buffer.from(superblock);
    change(bytes);
    await patch(disk, at, bytes);
    const error = await assertDamaged(context, disk, why);
    assert.match(error.message, /^cannot read .*base\.img: the root partition/);
    assert.match(error.hint ?? '', /whose root is ext4/);
  }
});

/** An e2fsck that sleeps, before the real one in PATH. */
async function withSleepingFsck(t: TestContext): Promise<Context> {
  const context = await createTestContext(t);
  const folder = join(context.tmpDir, 'bin');
  await mkdir(folder);
  await writeFile(join(folder, 'e2fsck'), '#!/bin/sh\nexec sleep 1000\n');
  await chmod(join(folder, 'e2fsck'), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  t.after(() => {
    process.env.PATH = PATH;
  });
  return context;
}
