import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import type { Disk } from '../../../src/core/model.ts';
import {
  BMAP_BLOCK_BYTES,
  type BmapRange,
  formatBmap,
  parseBmap,
} from '../../../src/formats/release-files/bmap.ts';
import type { TreeNode } from '../../../src/formats/tree-reader.ts';
import { withImageTree } from '../../../src/image/image-tree.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import { createRangeHasher } from '../../../src/release/hash-ranges.ts';
import { mapDisk } from '../../../src/release/map-disk.ts';
import { readBlocks } from '../../../src/release/read-blocks.ts';
import { createTestContext } from '../../helpers/context.ts';
import { type ImageShape, makeImage } from '../../helpers/image.ts';

const CONTENT = {
  root: {
    '/etc/hello': 'hello\n',
    '/etc/link': { link: 'hello' },
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`/f/${index}`, noise(index, 1000 + index * 997)]),
    ),
  },
  boot: { '/cmdline.txt': 'console=tty1\n', '/a/b.bin': noise(1, 5000), '/c.bin': noise(2, 70_000) },
};

/** What mke2fs makes of a Pi image's root, and what others make of theirs. */
const SHAPES: readonly (readonly [name: string, shape: ImageShape])[] = [
  ['as Raspbian Stretch has it', {}],
  ['uninit_bg, many groups', { mke2fs: ['-O', 'uninit_bg', '-g', '1024'] }],
  ['64bit and metadata_csum, many groups', { mke2fs: ['-O', '64bit,metadata_csum', '-g', '1024'] }],
  ['no flex_bg: metadata in every group', { mke2fs: ['-O', '^flex_bg,uninit_bg', '-g', '1024'] }],
  ['sparse_super2', { mke2fs: ['-O', 'metadata_csum,sparse_super2,^resize_inode', '-g', '1024'] }],
  ['a superblock in every group', { mke2fs: ['-O', '^sparse_super,^resize_inode', '-g', '1024'] }],
  ['blocks of 1 KiB, FAT32', { mke2fs: ['-b', '1024'], fatBits: '32', bootSectors: 70_000 }],
];

for (const [name, shape] of SHAPES) {
  test(`${name}: bmaptool writes the map and the rest may be 0xff: the files are the image's`, async (t) => {
    const context = await createTestContext(t);
    const disk = await makeUsedImage(context, shape);
    const map = await mapBmap(context, disk);
    await writeFile(disk.path.replace(/img$/, 'bmap'), formatBmap(map));
    await context.exec(['xz', '-k', '-1', disk.path]);

    const card = join(context.tmpDir, 'card');
    const { stderr } = await context.exec(['bmaptool', 'copy', `${disk.path}.xz`, card]);
    assert.match(stderr, new RegExp(`discovered bmap file '.*${basename(disk.path, '.img')}\\.bmap'`));
    await fillUnwritten(disk, card, map.ranges);
    await checkFileSystems(context, card, disk);
    const copied = await openDisk(card);
    assert.deepEqual(copied.layout, disk.layout);
    assert.deepEqual(await listFiles(copied), await listFiles(disk));
  });

  test(`${name}: the map leaves out what e2fsprogs and mtools have as free, and no more`, async (t) => {
    const context = await createTestContext(t);
    const disk = await makeUsedImage(context, shape);
    const { boot, root } = disk.layout;
    const mapped = expand(await mapDisk(disk), disk.layout.sizeBytes / BMAP_BLOCK_BYTES);
    const free = await listFreeBlocks(context, disk);
    const perBlock = free.blockSizeBytes / BMAP_BLOCK_BYTES;
    for (let block = 0; block < mapped.length; block += 1) {
      const at = block * BMAP_BLOCK_BYTES - root.offsetBytes;
      if (at < 0) continue;
      const parts = perBlock >= 1 ? 1 : 1 / perBlock;
      const first = Math.floor(at / free.blockSizeBytes);
      const isFree = Array.from({ length: parts }, (_, index) => free.blocks.has(first + index)).every(
        Boolean,
      );
      assert.equal(mapped[block], !isFree, `block ${block} of the image, ${first} of the root`);
    }
    const freeOfBoot = mapped.slice(0, root.offsetBytes / BMAP_BLOCK_BYTES).filter((each) => !each).length;
    const { stdout } = await context.exec(['mdir', '-i', `${disk.path}@@${boot.offsetBytes}`, '::']);
    const freeBytes = Number(/([\d ]+) bytes free/.exec(stdout)?.[1]?.replaceAll(' ', ''));
    // Clusters of 512 bytes: a block that is free in part is mapped.
    assert.ok(freeOfBoot * BMAP_BLOCK_BYTES <= freeBytes && freeOfBoot > 0);
    assert.ok(freeOfBoot * BMAP_BLOCK_BYTES > freeBytes * 0.9);
  });
}

test("bmaptool's own map is read, and each of its sums is that of the range", async (t) => {
  const context = await createTestContext(t);
  const disk = await makeUsedImage(context, {});
  const theirs = join(context.tmpDir, 'theirs.bmap');
  await context.exec(['bmaptool', 'create', '-o', theirs, disk.path]);
  const map = parseBmap(await readFile(theirs, 'utf8'));
  assert.equal(map.imageSizeBytes, disk.layout.sizeBytes);
  assert.ok(map.ranges.length > 0);
  const image = await readFile(disk.path);
  for (const range of map.ranges) assert.equal(sha256(getBytes(image, range)), range.sha256);
});

test('ranges are hashed in pieces of the pass; the last block may be short', async (t) => {
  const context = await createTestContext(t);
  const path = join(context.tmpDir, 'noise');
  const image = noise(7, 20 * 1024 * 1024 + 100);
  await writeFile(path, image);
  const blocks = Math.ceil(image.length / BMAP_BLOCK_BYTES);
  const asked = [
    { first: 1, last: 3 },
    { first: 2000, last: 4500 },
    { first: 5000, last: 5000 },
    { first: blocks - 1, last: blocks - 1 },
  ];
  const hasher = createRangeHasher(asked);
  await readBlocks(context, path, [hasher.consume]);
  const pieces = hasher.finish();
  assert.deepEqual(expand(pieces, blocks), expand(asked, blocks));
  assert.deepEqual(
    pieces.map(({ first, last }) => [first, last]),
    [
      [1, 3],
      [2000, 2047],
      [2048, 4095],
      [4096, 4500],
      [5000, 5000],
      [blocks - 1, blocks - 1],
    ],
  );
  for (const piece of pieces) assert.equal(sha256(getBytes(image, piece)), piece.sha256);
  assert.throws(() => createRangeHasher(asked).finish(), /not the whole image/);
});

test('a journal not yet replayed: the bitmaps are not to be relied on, and all of the root is mapped', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', CONTENT);
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  await context.exec(['debugfs', '-w', '-R', 'feature needs_recovery', volume]);
  const { last } = (await mapDisk(disk)).at(-1) ?? { last: -1 };
  const { offsetBytes, sizeBytes } = disk.layout.root;
  const mapped = expand(await mapDisk(disk), disk.layout.sizeBytes / BMAP_BLOCK_BYTES);
  assert.equal(last, (offsetBytes + sizeBytes) / BMAP_BLOCK_BYTES - 1);
  assert.ok(mapped.slice(offsetBytes / BMAP_BLOCK_BYTES).every(Boolean));
});

/** An image with files removed again, so that free space holds old bytes, and pieces of free space between used. */
async function makeUsedImage(context: Context, shape: ImageShape): Promise<Disk> {
  const disk = await makeImage(context, 'a.img', CONTENT, shape);
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  for (let index = 0; index < 60; index += 3)
    await context.exec(['debugfs', '-w', '-R', `rm /f/${index}`, volume]);
  await context.exec(['mdel', '-i', `${disk.path}@@${disk.layout.boot.offsetBytes}`, '::/a/b.bin']);
  // e2fsprogs of a whole image takes its uninitialised groups for granted; so does a Pi.
  await checkFileSystems(context, disk.path, disk);
  return disk;
}

async function mapBmap(context: Context, disk: Disk) {
  const ranges = await hashRanges(context, disk, await mapDisk(disk));
  return { imageSizeBytes: disk.layout.sizeBytes, blockSizeBytes: BMAP_BLOCK_BYTES, ranges };
}

async function hashRanges(context: Context, disk: Disk, ranges: readonly { first: number; last: number }[]) {
  const hasher = createRangeHasher(ranges);
  await readBlocks(context, disk.path, [hasher.consume]);
  return hasher.finish();
}

async function checkFileSystems(context: Context, path: string, { layout }: Disk): Promise<void> {
  await context.exec(['e2fsck', '-fn', `${path}?offset=${layout.root.offsetBytes}`]);
  const boot = join(context.tmpDir, 'boot.fat');
  const image = await readFile(path);
  const { offsetBytes, sizeBytes } = layout.boot;
  await writeFile(boot, image.subarray(offsetBytes, offsetBytes + sizeBytes));
  await context.exec(['fsck.fat', '-n', boot]);
}

/**
 * Checks that bmaptool wrote the mapped blocks and no other, then makes the others 0xff: it cuts a plain file to
 * nothing before it writes, so that a used card can't be laid under it beforehand.
 */
async function fillUnwritten(disk: Disk, card: string, ranges: readonly BmapRange[]): Promise<void> {
  const [image, written] = await Promise.all([readFile(disk.path), readFile(card)]);
  assert.equal(written.length, image.length);
  const empty = Buffer.alloc(BMAP_BLOCK_BYTES);
  let oldBytes = 0;
  for (const [block, isMapped] of expand(ranges, image.length / BMAP_BLOCK_BYTES).entries()) {
    const slice = (bytes: Buffer) => bytes.subarray(block * BMAP_BLOCK_BYTES, (block + 1) * BMAP_BLOCK_BYTES);
    assert.ok(slice(written).equals(isMapped ? slice(image) : empty), `block ${block}`);
    if (isMapped) continue;
    if (!slice(image).equals(empty)) oldBytes += 1;
    slice(written).fill(0xff);
  }
  assert.ok(oldBytes > 0, 'blocks of removed files, which are not worth writing');
  await writeFile(card, written);
}

/** dumpe2fs is another reading of the same bitmaps: it fills in what groups never written to leave out. */
async function listFreeBlocks(context: Context, disk: Disk) {
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  const { stdout } = await context.exec(['dumpe2fs', volume]);
  const blocks = new Set<number>();
  for (const [, list = ''] of stdout.matchAll(/^ {2}Free blocks: ?(.*)$/gm)) {
    for (const run of list.split(', ').filter((text) => text !== '')) {
      const [first = 0, last = first] = run.split('-').map(Number);
      for (let block = first; block <= last; block += 1) blocks.add(block);
    }
  }
  assert.ok(blocks.size > 0);
  return { blocks, blockSizeBytes: Number(/^Block size: +(\d+)/m.exec(stdout)?.[1]) };
}

async function listFiles(disk: Disk): Promise<string[]> {
  const lines: string[] = [];
  const walk = async (path: string, node: TreeNode): Promise<void> => {
    const { kind, mode, uid, gid, sizeBytes, mtimeSeconds } = node;
    const content =
      kind === 'symlink' ? await node.readLink() : kind === 'file' ? sha256(await node.read()) : '';
    lines.push([path, kind, mode, uid, gid, sizeBytes, mtimeSeconds, content].join(' '));
    if (kind !== 'directory') return;
    for (const child of await node.children()) await walk(`${path}/${child.name}`, await child.open());
  };
  await withImageTree(disk, async ({ ext4, fat }) => {
    await walk('', ext4.root);
    await walk('/boot', fat.root);
  });
  assert.ok(lines.length > 40);
  return lines;
}

function getBytes(image: Buffer, { first, last }: { first: number; last: number }): Buffer {
  return image.subarray(first * BMAP_BLOCK_BYTES, (last + 1) * BMAP_BLOCK_BYTES);
}

function expand(ranges: readonly { first: number; last: number }[], blocks: number): boolean[] {
  const mapped = Array.from({ length: blocks }, () => false);
  for (const { first, last } of ranges) mapped.fill(true, first, last + 1);
  return mapped;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that look random and are the same in every run. */
function noise(seed: number, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < length; at += 32) parts.push(createHash('sha256').update(`${seed} ${at}`).digest());
  return Buffer.concat(parts).subarray(0, length);
}
