import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { extractTree } from '../../src/steps/extract-tree.ts';
import { readEpoch } from '../../src/steps/read-epoch.ts';
import { readOsRelease } from '../../src/steps/read-os-release.ts';
import { createTestContext } from '../helpers/context.ts';
import { makeImage } from '../helpers/image.ts';

test('folders come out under their own paths, with the symlinks that lead to them', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', {
    root: {
      '/lib': { link: 'usr/lib' },
      '/usr/lib/arm/libc.so.6': 'libc',
      '/usr/lib/arm/libc.so': { link: 'libc.so.6' },
      '/usr/lib/arm/deep/er/file': 'x',
      '/usr/lib/other/big': 'not asked for',
      '/opt': { link: '/srv/opt' },
      '/srv/opt/tool': 'tool',
      '/var/lib/dpkg/status': 'status',
    },
  });
  const out = join(context.tmpDir, 'out');
  await mkdir(out);
  const paths = ['/lib/arm', '/usr/lib/arm', '/opt/tool', '/var/lib/dpkg/status', '/usr/include'];
  await extractTree(context, disk, paths, out);
  assert.equal(await readlink(join(out, 'lib')), 'usr/lib');
  assert.equal(await readFile(join(out, 'lib/arm/libc.so'), 'utf8'), 'libc');
  assert.equal(await readlink(join(out, 'usr/lib/arm/libc.so')), 'libc.so.6');
  assert.equal(await readFile(join(out, 'usr/lib/arm/deep/er/file'), 'utf8'), 'x');
  assert.equal(await readFile(join(out, 'opt/tool'), 'utf8'), 'tool');
  assert.equal(await readlink(join(out, 'opt')), 'srv/opt');
  assert.equal(await readFile(join(out, 'var/lib/dpkg/status'), 'utf8'), 'status');
  assert.deepEqual(await readdir(join(out, 'usr')), ['lib']);
  assert.deepEqual(await readdir(join(out, 'usr/lib')), ['arm']);
  assert.equal((await stat(join(out, 'usr/lib/arm'))).uid, process.getuid?.());
});

test('the system and the time of the base are read, os-release through its symlink', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', {
    root: {
      '/etc/os-release': { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': 'ID=raspbian\nVERSION="9 (stretch)"\n',
    },
  });
  assert.deepEqual(await readOsRelease(disk), {
    id: 'raspbian',
    codename: 'stretch',
    prettyName: 'raspbian stretch',
  });
  const now = Date.now() / 1000;
  const epoch = await readEpoch(disk);
  assert.ok(epoch > now - 60 && epoch <= now + 1, `${epoch} is about now`);
  const empty = await makeImage(context, 'b.img');
  await assert.rejects(readOsRelease(empty), { name: 'InputError', message: /no \/etc\/os-release/ });
});
