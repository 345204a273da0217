import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InputError, VerificationError } from '../../../src/core/errors.ts';
import type { Disk, FileChange } from '../../../src/core/model.ts';
import { applyChanges } from '../../../src/customise/apply-changes.ts';
import { checkImage } from '../../../src/customise/check-image.ts';
import { assertCleanBase } from '../../../src/image/assert-clean.ts';
import { openDisk } from '../../../src/image/open-disk.ts';
import { readBaseFiles } from '../../../src/image/read-base-files.ts';
import { BLOCK_BYTES } from '../../../src/recipe/compression.ts';
import { BASE, CHANGES, EPOCH, META } from '../../helpers/changes.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { waitForNextTime } from '../../helpers/wait-for.ts';

test('every kind of change is written and read back, through symlinked parents too', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE);
  const applied = await applyChanges(context, disk, CHANGES, EPOCH);
  assert.deepEqual(applied, disk, 'no need to grow');
  await checkImage(context, applied, CHANGES, EPOCH);
  const real = '/usr/lib/systemd/system/wwanpi.service';
  const files = await readBaseFiles(applied, [
    real,
    '/etc/old',
    '/etc/dhcpcd.conf',
    '/etc/new/deep folder/file',
  ]);
  assert.equal(text(files.get(real)?.content), '[Unit]\n');
  assert.equal(files.get('/etc/old'), undefined);
  assert.equal(files.get('/etc/new/deep folder/file')?.gid, 70_000);
  // debugfs, the program that wrote it, agrees on who owns a folder made on the way.
  const { stdout } = await debugfs(context, applied, 'stat /etc/new');
  assert.match(stdout, /Mode: {2}0755[\s\S]*User: +0 +Group: +0 /);
});

test('an image with a secret is for its owner alone', async (t) => {
  const context = await createTestContext(t);
  const modeOf = async (disk: Disk) => (await stat(disk.path)).mode & 0o777;
  const plain = await makeImage(context, 'plain.img', BASE);
  const before = await modeOf(plain);
  await applyChanges(
    context,
    plain,
    CHANGES.filter((change) => change.secret !== true),
    EPOCH,
  );
  assert.equal(await modeOf(plain), before);
  const secret = await makeImage(context, 'secret.img', BASE);
  const pin = {
    ...META,
    kind: 'file',
    stage: 'a',
    path: '/etc/pin',
    content: Buffer.from('1'),
    secret: true,
  } as const;
  await applyChanges(context, secret, [...CHANGES, pin], EPOCH);
  assert.equal(await modeOf(secret), 0o600);
});

test('a root with bigalloc is written while it has a cluster for each file; resize2fs cannot grow it', async (t) => {
  const context = await createTestContext(t);
  const mke2fs = ['-O', 'bigalloc,extent', '-C', '65536', '-N', '2048'];
  const disk = await makeImage(context, 'a.img', BASE, { mke2fs });
  await checkImage(context, await applyChanges(context, disk, CHANGES, EPOCH), CHANGES, EPOCH);
  const many: FileChange[] = Array.from({ length: 600 }, (_, index) => ({
    ...{ kind: 'file', path: `/many/${index}`, content: Buffer.from('x') },
    ...META,
  }));
  await assert.rejects(applyChanges(context, disk, many, EPOCH), (error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, /uses bigalloc, which resize2fs cannot grow/);
    return true;
  });
  await assertCleanBase(context, disk);
});

test('the same changes give the same bytes, at any time of day and in any folder', async (t) => {
  const context = await createTestContext(t);
  const base = await makeImage(context, 'base.img', BASE);
  const hashes: string[] = [];
  // The second name would mislead debugfs (?) and mtools (@@) if it reached them.
  for (const name of ['one.img', 'two?offset=5 @@7.img']) {
    const path = join(context.tmpDir, name);
    await copyFile(base.path, path);
    await applyChanges(context, await openDisk(path), CHANGES, EPOCH);
    hashes.push(await sha256(path));
    // ext4's clock counts seconds, FAT's creation time hundredths: make sure that both have moved on.
    await waitForNextTime(1000);
  }
  assert.deepEqual(hashes, Array(2).fill(hashes[0]));
});

test('small files are put together, into a free block of the compressed image', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE, { rootSectors: (8 * BLOCK_BYTES) / 512 });
  const placeOf = async (path: string) => {
    const [block] = (await debugfs(context, disk, `blocks ${path}`)).stdout.trim().split(' ');
    return Math.floor((disk.layout.root.offsetBytes + Number(block) * 4096) / BLOCK_BYTES);
  };
  const before = await placeOf('/usr/lib/systemd/system/ssh.service');
  await applyChanges(context, disk, CHANGES, EPOCH);
  await assertCleanBase(context, disk);
  const small = ['/etc/dhcpcd.conf', '/usr/lib/systemd/system/wwanpi.service', '/etc/alias', '/etc/long'];
  const places = await Promise.all(small.map(placeOf));
  assert.deepEqual(places, Array(4).fill(places[0]));
  for (const path of ['/etc/new/deep folder/file', '/etc/new', '/usr/lib/systemd/system/ssh.service'])
    assert.ok((await placeOf(`"${path}"`)) < (places[0] as number), path);
  assert.ok(before < (places[0] as number));
});

test('what does not fit makes file, partition and file system grow by whole 4 MiB', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE);
  const big = {
    ...META,
    kind: 'file',
    path: '/opt/big',
    content: Buffer.alloc(40 * 1024 * 1024, 'z'),
  } as const;
  const changes = [...CHANGES, big];
  const grown = await applyChanges(context, disk, changes, EPOCH);
  const added = grown.layout.sizeBytes - disk.layout.sizeBytes;
  assert.ok(added > 0 && added % (4 * 1024 * 1024) === 0, `${added} bytes added`);
  assert.deepEqual((await openDisk(disk.path)).layout, grown.layout);
  await checkImage(context, grown, changes, EPOCH);
});

test('too few inodes make it grow too', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE, { mke2fs: ['-N', '64'] });
  const changes = Array.from({ length: 120 }, (_, index) => ({
    ...META,
    kind: 'file' as const,
    path: `/opt/many/${index}`,
    content: Buffer.from(String(index)),
  }));
  const grown = await applyChanges(context, disk, changes, EPOCH);
  assert.ok(grown.layout.sizeBytes > disk.layout.sizeBytes);
  await checkImage(context, grown, changes, EPOCH);
});

test('what cannot be written is refused before the first byte', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE);
  const before = await sha256(disk.path);
  const content = Buffer.from('x');
  const cases: [FileChange, RegExp][] = [
    [{ ...META, kind: 'file', path: '/etc', content }, /is a directory/],
    [
      { ...META, kind: 'file', path: '/etc/old/sub', content },
      /\/etc\/old in the base image is not a directory/,
    ],
    [
      { ...META, kind: 'file', path: '/boot/big', content: Buffer.alloc(8_000_000) },
      /boot partition has no room/,
    ],
    [{ stage: 'test', kind: 'remove', path: '/etc' }, /cannot remove \/etc: it contains/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(applyChanges(context, disk, [change], EPOCH), (error: Error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  for (const path of ['/etc/a"b', '/etc/a\nrm x', '/boot/a*b']) {
    await assert.rejects(
      applyChanges(context, disk, [{ ...META, kind: 'file', path, content }], EPOCH),
      InputError,
    );
  }
  assert.equal(await sha256(disk.path), before);
});

test('two files that a link of the base makes one are refused by name', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', { root: { '/a/x': '1' } });
  const script = join(context.tmpDir, 'script');
  await writeFile(script, 'symlink /b /a\n');
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  await context.exec(['debugfs', '-w', '-f', script, volume]);
  const content = Buffer.from('x');
  const changes = ['/a/new', '/b/new'].map((path) => ({ ...META, kind: 'file', path, content }) as const);
  await assert.rejects(applyChanges(context, disk, changes, EPOCH), (error: Error) => {
    assert.ok(error instanceof InputError, String(error));
    assert.match(error.message, /^the base leads \/a\/new and \/b\/new to one file, \/a\/new, by a symlink/);
    return true;
  });
});

test('a journal that was not replayed and a damaged base are refused', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE);
  await debugfs(context, disk, 'feature needs_recovery');
  await assert.rejects(assertCleanBase(context, disk), /journal is not replayed/);
  await debugfs(context, disk, 'feature -needs_recovery');
  await debugfs(context, disk, 'sif /etc/old links_count 7');
  await assert.rejects(assertCleanBase(context, disk), /base image is damaged: e2fsck/);
});

test('checkImage names the file and what differs', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE);
  await applyChanges(context, disk, CHANGES, EPOCH);
  const spoilt: [string, RegExp][] = [
    ['sif /etc/empty mode 0100644', /\/etc\/empty .* mode is 0644, not 04755/],
    ['sif /etc/dhcpcd.conf mtime @1', /\/etc\/dhcpcd.conf .* modification time is 1,/],
    ['sif /lib/systemd/system/wwanpi.service uid 3', /wwanpi.service .* user is 3, not 0/],
  ];
  for (const [command, message] of spoilt) {
    const path = join(context.tmpDir, 'spoilt.img');
    await copyFile(disk.path, path);
    await debugfs(context, { ...disk, path }, command);
    await assert.rejects(checkImage(context, { ...disk, path }, CHANGES, EPOCH), (error: Error) => {
      assert.ok(error instanceof VerificationError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  const other = CHANGES.map((change) =>
    change.kind === 'file' && change.path === '/boot/cmdline.txt'
      ? { ...change, content: Buffer.from('console=tty1 QUIET\n') }
      : change,
  );
  await assert.rejects(
    checkImage(context, disk, other, EPOCH),
    /cmdline.txt .* content differs from byte 13 on/,
  );
});

function debugfs(context: Context, disk: Disk, command: string) {
  return context.exec([
    'debugfs',
    '-w',
    '-R',
    command,
    `${disk.path}?offset=${disk.layout.root.offsetBytes}`,
  ]);
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
