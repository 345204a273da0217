import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InputError, InterruptedError } from '../../../src/core/errors.ts';
import type { Disk } from '../../../src/core/model.ts';
import { compareImages } from '../../../src/image/compare-images.ts';
import { withImageTree } from '../../../src/image/image-tree.ts';
import { inspectDisk } from '../../../src/image/inspect-image.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import { mapDisk } from '../../../src/release/map-disk.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { debugfs, locateFatEntry, locateInode, patch, readBytes } from '../../helpers/patch-image.ts';

const CONTENT = {
  root: { '/a/b/file': 'x', '/etc/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n' },
  boot: { '/ONE/two.txt': 'two', '/ONE/SUB/three.txt': 'three', '/OTHER/four.txt': 'four' },
};

async function makePair(
  context: Context,
  fatBits: '16' | '32' = '16',
): Promise<{ sound: Disk; broken: Disk }> {
  const shape = fatBits === '32' ? { fatBits, bootSectors: 70_000 } : {};
  const sound = await makeImage(context, 'sound.img', CONTENT, shape);
  await copyFile(sound.path, join(context.tmpDir, 'broken.img'));
  return { sound, broken: await openDisk(join(context.tmpDir, 'broken.img')) };
}

const never = new AbortController().signal;
const TWO_NAMES = /two names lead to one folder/;

/** Whichever side it is on. */
async function assertRefused(sound: Disk, broken: Disk, why: RegExp): Promise<void> {
  for (const [a, b] of [
    [sound, broken],
    [broken, sound],
    [broken, broken],
  ] as const) {
    await assert.rejects(compareImages(a, b, never), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, why);
      return true;
    });
  }
}

for (const [what, command] of [
  ['the root below itself', 'ln <2> /a/again'],
  ['a folder below itself', 'ln /a /a/b/loop'],
  ['a folder with two names, which doubles a tree at each level', 'ln /a/b /etc/b'],
] as const) {
  test(`ext4: ${what} is damage`, { timeout: 60_000 }, async (t) => {
    const context = await createTestContext(t);
    const { sound, broken } = await makePair(context);
    await debugfs(context, broken, command);
    await assertRefused(sound, broken, TWO_NAMES);
  });
}

for (const fatBits of ['16', '32'] as const) {
  test(`FAT${fatBits}: a folder that begins where another does is damage`, { timeout: 60_000 }, async (t) => {
    const context = await createTestContext(t);
    const { sound, broken } = await makePair(context, fatBits);
    const getCluster = async (name: string) =>
      readBytes(broken, (await locateFatEntry(broken, name)) + 26, 2);
    const sub = await locateFatEntry(broken, 'SUB        ');
    for (const [cluster, why] of [
      [await getCluster('ONE        '), TWO_NAMES],
      [await getCluster('OTHER      '), TWO_NAMES],
      // FAT32's root begins at cluster 2; on FAT16 0 is the root.
      [Buffer.from([fatBits === '32' ? 2 : 0, 0]), fatBits === '32' ? TWO_NAMES : /cluster chain of SUB/],
    ] as const) {
      await patch(broken, sub + 26, cluster);
      await assertRefused(sound, broken, why);
    }
  });
}

test('FAT: a chain of clusters that goes round is damage, of a folder and of a file', async (t) => {
  const context = await createTestContext(t);
  const { sound, broken } = await makePair(context);
  const entry = await locateFatEntry(broken, 'OTHER      ');
  const cluster = (await readBytes(broken, entry + 26, 2)).readUInt16LE();
  // The first FAT begins behind the reserved sectors.
  const fat = (await readBytes(broken, broken.layout.boot.offsetBytes + 14, 2)).readUInt16LE() * 512;
  await patch(
    broken,
    broken.layout.boot.offsetBytes + fat + cluster * 2,
    Buffer.from([cluster, cluster >> 8]),
  );
  await assertRefused(sound, broken, /cluster chain of OTHER/);
});

test('ext4: a folder or file that has one block twice is damage, however large it says it is', async (t) => {
  const context = await createTestContext(t);
  const { sound, broken } = await makePair(context);
  for (const path of ['/a/b', '/etc/os-release']) {
    const inode = await locateInode(context, broken, path);
    const before = await readBytes(broken, inode, 128);
    const block = before.subarray(0x28 + 12 + 8, 0x28 + 12 + 12);
    const extents = Buffer.alloc(60);
    extents.set([0x0a, 0xf3, 2, 0, 4, 0, 0, 0], 0);
    for (const index of [0, 1]) {
      extents.writeUInt32LE(index, 12 + index * 12);
      extents.writeUInt16LE(1, 12 + index * 12 + 4);
      extents.set(block, 12 + index * 12 + 8);
    }
    await patch(broken, inode + 0x28, extents);
    await patch(broken, inode + 4, Buffer.from([0, 0x20, 0, 0]));
    if (path === '/a/b') await assertRefused(sound, broken, /broken extent tree/);
    else await assert.rejects(inspectDisk(broken), /broken extent tree/);
    await patch(broken, inode, before);
  }
  assert.deepEqual((await compareImages(sound, broken, never)).files, []);
});

test('a walk ends at once when it is interrupted', async (t) => {
  const context = await createTestContext(t);
  const { sound, broken } = await makePair(context);
  await debugfs(context, broken, 'rm /a/b/file');
  await assert.rejects(compareImages(sound, broken, AbortSignal.abort()), InterruptedError);
  // In the middle: the next read throws.
  const abort = new AbortController();
  const walk = withImageTree(
    sound,
    async ({ ext4 }) => {
      await ext4.root.children();
      abort.abort();
      await ext4.root.children();
    },
    abort.signal,
  );
  await assert.rejects(walk, InterruptedError);
});

test('every second cluster of a FAT taken: its block map has no object for each', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', {}, { fatBits: '32', bootSectors: 140_000 });
  const { offsetBytes } = disk.layout.boot;
  const sector = await readBytes(disk, offsetBytes, 512);
  const fatAt = sector.readUInt16LE(14) * 512;
  const fat = Buffer.alloc(sector.readUInt32LE(36) * 512);
  (await readBytes(disk, offsetBytes + fatAt, 12)).copy(fat);
  for (let cluster = 4; cluster * 4 < fat.length; cluster += 2) fat.writeUInt32LE(0x0fff_ffff, cluster * 4);
  await patch(disk, offsetBytes + fatAt, fat);
  const used = await withImageTree(disk, async ({ fat: volume }) => volume.listUsed());
  assert.equal(used.length, 1);
  assert.ok((await mapDisk(disk)).length > 0);
});

test('a rules folder of more names than any system has is refused, not read for hours', async (t) => {
  const context = await createTestContext(t);
  const rules = Array.from({ length: 5001 }, (_, index) => [`/etc/udev/rules.d/${index}.rules`, ''] as const);
  const disk = await makeImage(
    context,
    'a.img',
    { root: { ...CONTENT.root, ...Object.fromEntries(rules) } },
    { mke2fs: ['-N', '8192'] },
  );
  await assert.rejects(inspectDisk(disk), /\/etc\/udev\/rules\.d in the image holds 5001 names/);
});
