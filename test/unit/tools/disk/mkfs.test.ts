import assert from 'node:assert/strict';
import { mkdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Context } from '../../../../src/core/context.ts';
import {
  checkFileSystems,
  copyIntoFat,
  makeExt4,
  makeFat,
  writePartitionTable,
} from '../../../../src/tools/disk/mkfs.ts';
import { hashFile } from '../../../../src/tools/files/hash.ts';
import { createTestContext } from '../../../helpers/context.ts';
import { waitForNextTime } from '../../../helpers/wait-for.ts';

const MIB = 1024 * 1024;
const BOOT = { offsetBytes: 4 * MIB, sizeBytes: 64 * MIB };
const ROOT = { offsetBytes: 68 * MIB, sizeBytes: 32 * MIB };
const EPOCH = 1_700_000_000;
const UUID = '12345678-1234-8234-8234-123456789012';

async function makeImage(context: Context, name: string): Promise<string> {
  const folder = join(context.tmpDir, 'tree');
  await mkdir(join(folder, 'etc'), { recursive: true });
  await writeFile(join(folder, 'etc/hello'), 'hello');
  const boot = join(context.tmpDir, 'boot');
  // The folder's own date is not a host's, either.
  await mkdir(join(boot, 'overlays'), { recursive: true });
  for (const name of ['config.txt', 'overlays/b.dtbo', 'overlays/a.dtbo']) {
    await writeFile(join(boot, name), 'x');
    await utimes(join(boot, name), EPOCH, EPOCH);
  }
  const image = join(context.tmpDir, name);
  await writeFile(image, '');
  await truncate(image, 100 * MIB);
  await makeFat(context, image, BOOT, { label: 'boot', serial: '1234abcd' });
  await copyIntoFat(context, image, BOOT, boot, EPOCH);
  await makeExt4(context, image, ROOT, { label: 'rootfs', uuid: UUID, folder, epochSeconds: EPOCH });
  await writePartitionTable(context, image, { diskId: '1234abcd', boot: BOOT, root: ROOT });
  await checkFileSystems(context, image, { boot: BOOT, root: ROOT }, join(context.tmpDir, 'scratch'));
  return image;
}

test('an image has the requested layout, by the reading of other tools', async (t) => {
  const context = await createTestContext(t);
  const image = await makeImage(context, 'disk.img');
  const table = JSON.parse((await context.exec(['sfdisk', '--json', image])).stdout).partitiontable;
  assert.equal(table.id, '0x1234abcd');
  assert.deepEqual(
    table.partitions.map((entry: { start: number; size: number; type: string }) => [
      entry.start,
      entry.size,
      entry.type,
    ]),
    [
      [8192, 131072, 'c'],
      [139264, 65536, '83'],
    ],
  );
  const info = (await context.exec(['minfo', '-i', `${image}@@${BOOT.offsetBytes}`, '::'])).stdout;
  assert.match(info, /disk type="FAT32 {3}"/);
  const listed = (await context.exec(['mdir', '-b', '-/', '-i', `${image}@@${BOOT.offsetBytes}`, '::']))
    .stdout;
  assert.deepEqual(listed.trim().split('\n'), [
    '::/config.txt',
    '::/overlays/',
    '::/overlays/a.dtbo',
    '::/overlays/b.dtbo',
  ]);
  const root = `${image}?offset=${ROOT.offsetBytes}`;
  const header = (await context.exec(['dumpe2fs', '-h', root])).stdout;
  const features = /Filesystem features: +(.*)/.exec(header)?.[1]?.split(' ') ?? [];
  for (const absent of ['64bit', 'metadata_csum', 'huge_file', 'orphan_file'])
    assert.ok(!features.includes(absent));
  assert.match(header, /Filesystem volume name: +rootfs/);
  const inode = (await context.exec(['debugfs', '-R', 'stat /etc/hello', root])).stdout;
  const times = [...inode.matchAll(/^ ?(?:c|a|m|cr)time: 0x([0-9a-f]+):0+ /gm)].map((match) =>
    Number.parseInt(match[1] ?? '', 16),
  );
  assert.deepEqual(times, [EPOCH, EPOCH, EPOCH, EPOCH]);
  assert.equal((await context.exec(['debugfs', '-R', 'cat /etc/hello', root])).stdout, 'hello');
});

test('the same content made twice is the same image', async (t) => {
  const context = await createTestContext(t);
  const one = await hashFile(await makeImage(context, 'one.img'));
  // FAT's stamps have steps of two seconds.
  await waitForNextTime(2000);
  assert.equal(await hashFile(await makeImage(context, 'two.img')), one);
});
