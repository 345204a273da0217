import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError, InputError } from '../../../src/core/errors.ts';
import type { Partition } from '../../../src/core/model.ts';
import { openExt4 } from '../../../src/formats/ext4/ext4-reader.ts';
import { openFat } from '../../../src/formats/fat/fat-reader.ts';
import type { ReadBytes, TreeNode } from '../../../src/formats/tree-reader.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { debugfs, locateFatEntry, locateInode, patch, readBytes } from '../../helpers/patch-image.ts';

const LONG_TARGET = `/usr/${'x'.repeat(100)}`;
const MANY = Array.from({ length: 900 }, (_, index) => `/many/a-rather-long-file-name-${index}`);
const CONTENT = {
  root: {
    '/etc/hello': 'hello\n',
    '/etc/empty': '',
    '/etc/fast': { link: 'hello' },
    '/etc/slow': { link: LONG_TARGET },
    '/etc/größe': 'umlaut',
    ...Object.fromEntries(MANY.map((path) => [path, path])),
  },
  boot: {
    '/cmdline.txt': 'console=tty1\n',
    '/UPPER.TXT': 'upper',
    '/A long name with spaces.txt': 'long',
    '/overlays/one.dtbo': Buffer.alloc(5000, 'd'),
    '/empty': '',
  },
};

test('ext4: files, holes, symlinks and hashed directories', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', CONTENT);
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  // A file with a hole, and a directory that e2fsck -D gives a hash index.
  const sparse = Buffer.alloc(100 * 4096);
  sparse.write('start', 0);
  sparse.write('end', 99 * 4096);
  await writeFile(join(context.tmpDir, 'sparse'), sparse);
  await context.exec(['debugfs', '-w', '-R', 'write sparse sparse', volume], { cwd: context.tmpDir });
  await context.exec(['e2fsck', '-fyD', volume], { okExitCodes: [1] });
  const stat = await context.exec(['debugfs', '-R', 'htree_dump /many', volume]);
  assert.match(stat.stdout, /Root node dump/);

  const { root, superblock } = await openExt4(await memoryReader(disk.path, disk.layout.root));
  assert.equal(superblock.label, 'rootfs');
  assert.deepEqual(Buffer.from(await (await find(root, '/sparse')).read()), sparse);
  assert.equal(await text(root, '/etc/hello'), 'hello\n');
  assert.equal(await text(root, '/etc/größe'), 'umlaut');
  assert.equal(await text(root, '/etc/empty'), '');
  assert.equal(await (await find(root, '/etc/fast')).readLink(), 'hello');
  assert.equal(await (await find(root, '/etc/slow')).readLink(), LONG_TARGET);
  const many = await (await find(root, '/many')).list();
  assert.deepEqual([...many].sort(), MANY.map((path) => path.slice(6)).sort());
  assert.equal(await text(root, MANY[777] ?? ''), MANY[777]);
  assert.equal(await root.find('nothing'), undefined);
  await assert.rejects((await find(root, '/etc')).read(), InputError);
});

test('ext4: extended attributes, in the inode and in a block of their own', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', CONTENT);
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  const long = Buffer.alloc(900, 'v');
  await writeFile(join(context.tmpDir, 'value'), long);
  const commands = [
    'ea_set /etc/hello security.capability cap',
    'ea_set /etc/hello user.note "two words"',
    'ea_set -f value /etc/hello user.long',
  ];
  await writeFile(join(context.tmpDir, 'commands'), commands.join('\n'));
  await context.exec(['debugfs', '-w', '-f', 'commands', volume], { cwd: context.tmpDir });
  const { root } = await openExt4(await memoryReader(disk.path, disk.layout.root));
  const xattrs = await (await find(root, '/etc/hello')).xattrs();
  assert.deepEqual(
    Object.fromEntries([...xattrs].map(([name, value]) => [name, Buffer.from(value).toString()])),
    { 'security.capability': 'cap', 'user.note': 'two words', 'user.long': long.toString() },
  );
  assert.equal((await (await find(root, '/etc/empty')).xattrs()).size, 0);
});

test('ext4: 64bit, metadata_csum and 1 KiB blocks are read too; inline data is refused', async (t) => {
  const context = await createTestContext(t);
  const modern = await makeImage(context, 'm.img', CONTENT, {
    mke2fs: ['-O', '64bit,metadata_csum', '-b', '1024'],
  });
  const { root } = await openExt4(await memoryReader(modern.path, modern.layout.root));
  assert.equal(await text(root, '/etc/hello'), 'hello\n');
  assert.equal((await (await find(root, '/many')).list()).length, MANY.length);
  const inline = await makeImage(context, 'i.img', {}, { mke2fs: ['-O', 'inline_data'] });
  await assert.rejects(
    openExt4(await memoryReader(inline.path, inline.layout.root)),
    /features wwanpi does not know/,
  );
});

for (const fatBits of ['16', '32'] as const) {
  test(`FAT${fatBits}: long and short names, folders, free space`, async (t) => {
    const context = await createTestContext(t);
    const shape = fatBits === '32' ? { fatBits, bootSectors: 70_000 } : { fatBits };
    const disk = await makeImage(context, 'a.img', CONTENT, shape);
    const { root, geometry, freeBytes } = await openFat(await memoryReader(disk.path, disk.layout.boot));
    assert.equal(geometry.kind, `FAT${fatBits}`);
    assert.deepEqual([...(await root.list())].sort(), [
      'A long name with spaces.txt',
      'UPPER.TXT',
      'cmdline.txt',
      'empty',
      'overlays',
    ]);
    assert.equal(await text(root, '/CMDLINE.TXT'), 'console=tty1\n');
    assert.equal(await text(root, '/A long name with spaces.txt'), 'long');
    assert.equal(await text(root, '/empty'), '');
    assert.equal((await (await find(root, '/overlays/one.dtbo')).read()).length, 5000);
    const { stdout } = await context.exec([
      'mdir',
      '-i',
      `${disk.path}@@${disk.layout.boot.offsetBytes}`,
      '::',
    ]);
    assert.equal(freeBytes, Number(/([\d ]+) bytes free/.exec(stdout)?.[1]?.replaceAll(' ', '')));
  });
}

test('ext4: what other kernels write is read: bigalloc, fs-verity and unknown attributes', async (t) => {
  const context = await createTestContext(t);
  // With blocks of 1 KiB the first data block is 0 all the same.
  for (const blockBytes of [4096, 1024]) {
    const clusters = await makeImage(context, `c${blockBytes}.img`, CONTENT, {
      mke2fs: ['-b', String(blockBytes), '-O', 'bigalloc,extent', '-C', String(16 * blockBytes)],
      rootSectors: 262_144,
    });
    const volume = await openExt4(await memoryReader(clusters.path, clusters.layout.root));
    assert.equal(volume.superblock.blocksPerCluster, 16);
    assert.equal(await text(volume.root, '/etc/hello'), 'hello\n');
    assert.equal((await volume.listUsed()).length, 1);
  }

  const disk = await makeImage(context, 'a.img', CONTENT);
  await debugfs(context, disk, 'ea_set /etc/hello user.v descriptor');
  const inode = await locateInode(context, disk, '/etc/hello');
  const bytes = await readBytes(disk, inode, 256);
  const at = bytes.indexOf('\x01\x01', 128 + 32, 'latin1');
  for (const [index, name] of [
    [9, 'encryption.v'],
    [10, 'gnu.v'],
    [11, 'verity.v'],
    [77, '77.v'],
  ] as const) {
    await patch(disk, inode + at + 1, Buffer.from([index]));
    const { root } = await openExt4(await memoryReader(disk.path, disk.layout.root));
    const xattrs = await (await find(root, '/etc/hello')).xattrs();
    assert.deepEqual([...xattrs.keys()], [name]);
  }
});

test('ext4: a superblock is damaged whose numbers the kernel would not mount, or that is longer than its partition', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', CONTENT);
  const at = disk.layout.root.offsetBytes + 1024;
  const original = await readBytes(disk, at, 1024);
  for (const [offset, value, why] of [
    [0x20, 8, /superblock of the root partition is damaged/],
    [0x28, 16, /superblock of the root partition is damaged/],
    [0x00, 99, /superblock of the root partition is damaged/],
    [0x04, 8193, /beyond the end/],
  ] as const) {
    const changed = Buffer.from(original);
    changed.writeUInt32LE(value, offset);
    await patch(disk, at, changed);
    await assert.rejects(openExt4(await memoryReader(disk.path, disk.layout.root)), why);
  }
});

test("FAT: the label is the root directory's; FAT12 is named; OS/2's bits on FAT16 are passed over", async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', CONTENT);
  const open = async () => openFat(await memoryReader(disk.path, disk.layout.boot));
  const mtools = `${disk.path}@@${disk.layout.boot.offsetBytes}`;
  assert.deepEqual([(await open()).label, (await open()).geometry.bootSectorLabel], ['BOOT', 'BOOT']);
  // mlabel changes both copies, so the one in the boot sector is put back, as a device with another system would have it.
  await context.exec(['mlabel', '-i', mtools, '::OTHER'], { env: { MTOOLS_SKIP_CHECK: '1' } });
  await patch(disk, disk.layout.boot.offsetBytes + 43, Buffer.from('BOOT       '));
  assert.deepEqual([(await open()).label, (await open()).geometry.bootSectorLabel], ['OTHER', 'BOOT']);
  const { stdout } = await context.exec([
    'blkid',
    '-p',
    '-O',
    String(disk.layout.boot.offsetBytes),
    '-s',
    'LABEL',
    '-o',
    'value',
    disk.path,
  ]);
  assert.equal(stdout, 'OTHER\n');
  await patch(disk, (await locateFatEntry(disk, 'CMDLINE TXT')) + 20, Buffer.from([0x34, 0x12]));
  assert.equal(await text((await open()).root, '/cmdline.txt'), 'console=tty1\n');
  await context.exec(['mlabel', '-c', '-i', mtools, '::'], { env: { MTOOLS_SKIP_CHECK: '1' } });
  assert.equal((await open()).label, '');

  const floppy = join(context.tmpDir, 'floppy');
  await context.exec(['mkfs.fat', '-F', '12', '-C', floppy, '1440']);
  await assert.rejects(openFat(bufferReader(await readFile(floppy))), /the boot partition is FAT12/);
});

test('readers survive any damage: a value or an AppError, always, and soon', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', { ...CONTENT, root: { ...CONTENT.root } });
  const image = await readFile(disk.path);
  await rm(disk.path);
  const volumes = [
    { partition: disk.layout.root, open: openExt4 },
    { partition: disk.layout.boot, open: openFat },
  ];
  // Where the metadata lies: the first 3 MiB of ext4, the first 256 KiB of FAT.
  const spot = fc.oneof(fc.nat(4096), fc.nat(262_144), fc.nat(3_000_000));
  const damage = fc.array(fc.tuple(spot, fc.oneof(fc.constant(0), fc.constant(255), fc.nat(255))), {
    minLength: 1,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(damage, async (bytes) => {
      for (const { partition, open } of volumes) {
        const volume = image.subarray(partition.offsetBytes, partition.offsetBytes + partition.sizeBytes);
        const undo: [number, number][] = bytes.map(([at]) => [
          at % volume.length,
          volume[at % volume.length] ?? 0,
        ]);
        for (const [at, value] of bytes) volume[at % volume.length] = value;
        try {
          const opened = await open(bufferReader(volume));
          const used = await opened.listUsed();
          assert.ok(
            used.every(({ start, end }, index) => start < end && start >= (used[index - 1]?.end ?? 0)),
          );
          await walk(opened.root, { nodes: 200 });
        } catch (error) {
          assert.ok(error instanceof AppError, String((error as Error).stack));
        } finally {
          for (const [at, value] of undo.reverse()) volume[at] = value;
        }
      }
    }),
    { numRuns: 150 },
  );
});

async function walk(node: TreeNode, left: { nodes: number }): Promise<void> {
  if (left.nodes <= 0) return;
  left.nodes -= 1;
  await node.xattrs();
  if (node.kind === 'file') await node.read(1024 * 1024);
  if (node.kind === 'symlink') await node.readLink();
  if (node.kind !== 'directory') return;
  for (const name of (await node.list()).slice(0, 20)) {
    const child = await node.find(name);
    if (child !== undefined) await walk(child, left);
  }
}

async function memoryReader(path: string, partition: Partition): Promise<ReadBytes> {
  const image = await readFile(path);
  return bufferReader(image.subarray(partition.offsetBytes, partition.offsetBytes + partition.sizeBytes));
}

function bufferReader(volume: Uint8Array): ReadBytes {
  return async (offset, length) => {
    if (offset + length > volume.length) throw new InputError('beyond the end');
    return volume.slice(offset, offset + length);
  };
}

async function find(root: TreeNode, path: string): Promise<TreeNode> {
  let node: TreeNode | undefined = root;
  for (const name of path.split('/').slice(1)) node = await node?.find(name);
  assert.ok(node, `${path} is there`);
  return node;
}

async function text(root: TreeNode, path: string): Promise<string> {
  return Buffer.from(await (await find(root, path)).read()).toString('utf8');
}
