import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ToolFailedError } from '../../../../src/core/errors.ts';
import { packageRoot } from '../../../../src/core/package.ts';
import { listBlockDevices, parseLsblk, readMmcType } from '../../../../src/tools/disk/lsblk.ts';
import { createTestContext } from '../../../helpers/context.ts';

const read = (name: string) => readFileSync(join(packageRoot, 'test/fixtures/lsblk', `${name}.json`), 'utf8');

test('a card in a USB reader, with its partitions; padding and nulls are gone', () => {
  const [card, empty] = parseLsblk(read('laptop-usb-reader'));
  assert.ok(card !== undefined && empty !== undefined);
  const { children, ...disk } = card;
  assert.deepEqual(disk, {
    name: 'sda',
    path: '/dev/sda',
    majorMinor: '8:0',
    type: 'disk',
    sizeBytes: 31_914_983_424,
    readOnly: false,
    removable: true,
    hotplug: true,
    transport: 'usb',
    vendor: 'Generic-',
    model: 'SD/MMC',
    serial: '20120501030900000',
    mountPoints: [],
    fileSystem: undefined,
    label: undefined,
    partitionTable: 'dos',
    mmcType: undefined,
  });
  assert.deepEqual(
    children.map(({ path, label, fileSystem }) => [path, label, fileSystem]),
    [
      ['/dev/sda1', 'boot', 'vfat'],
      ['/dev/sda2', 'rootfs', 'ext4'],
    ],
  );
  assert.equal(empty.sizeBytes, 0);
});

test('what stands on partitions is below them: volumes on encryption on a partition', () => {
  const system = parseLsblk(read('laptop-usb-reader')).at(-1);
  const volumes = system?.children[2]?.children[0]?.children ?? [];
  assert.deepEqual(
    volumes.map(({ type, mountPoints }) => [type, ...mountPoints]),
    [
      ['lvm', '/'],
      ['lvm', '/home'],
      ['lvm', '[SWAP]'],
    ],
  );
});

test('what is not lsblk is said to be not lsblk', () => {
  for (const text of ['', 'lsblk: unknown column', '{}', '{"blockdevices":[{"name":"sda"}]}']) {
    assert.throws(() => parseLsblk(text), ToolFailedError, text);
  }
});

test('whether an MMC device is a card or soldered in', async (t) => {
  const { tmpDir } = await createTestContext(t);
  for (const [name, type] of [
    ['mmcblk0', 'MMC'],
    ['mmcblk1', 'SD'],
  ] as const) {
    await mkdir(join(tmpDir, name, 'device'), { recursive: true });
    await writeFile(join(tmpDir, name, 'device/type'), `${type}\n`);
    assert.equal(await readMmcType(name, tmpDir), type);
  }
  assert.equal(await readMmcType('mmcblk7', tmpDir), undefined);
  assert.equal(await readMmcType('../../etc', tmpDir), undefined);
});

test("this machine's own lsblk is understood", async (t) => {
  const { exec } = await createTestContext(t);
  const devices = await listBlockDevices(exec);
  for (const { path, majorMinor } of devices) {
    assert.match(path, /^\/dev\//);
    assert.match(majorMinor, /^\d+:\d+$/);
  }
});
