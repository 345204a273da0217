import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { describeContents, formatDevices } from '../../../src/flash/describe-device.ts';
import { evaluateDevice, findDevice, findFitDisks } from '../../../src/flash/evaluate-device.ts';
import { type BlockDevice, parseLsblk } from '../../../src/tools/disk/lsblk.ts';

type Layout = 'laptop-usb-reader' | 'built-in-slot' | 'emmc-board' | 'live-system';

/** The machine's devices, and for MMC ones what /sys says they are. */
function load(name: Layout): BlockDevice[] {
  const text = readFileSync(join(packageRoot, 'test/fixtures/lsblk', `${name}.json`), 'utf8');
  const mmcTypes: Record<string, string> =
    name === 'emmc-board'
      ? { mmcblk0: 'MMC', mmcblk1: 'SD', mmcblk2: 'MMC' }
      : name === 'built-in-slot'
        ? { mmcblk0: 'SD' }
        : {};
  return parseLsblk(text).map((device) => ({ ...device, mmcType: mmcTypes[device.name] }));
}

const IMAGE_BYTES = 1_803_550_720;

/** Refusals stand whatever is asked for; objections give way to --force. */
const TABLE: ReadonlyArray<readonly [Layout, path: string, refusals: RegExp[], objections: RegExp[]]> = [
  ['laptop-usb-reader', '/dev/sda', [], []],
  ['laptop-usb-reader', '/dev/sda2', [/^\/dev\/sda2 is a partition; .* name \/dev\/sda if/], []],
  ['laptop-usb-reader', '/dev/sdb', [/no card in it/], []],
  ['laptop-usb-reader', '/dev/sr0', [/an optical drive/], []],
  [
    'laptop-usb-reader',
    '/dev/nvme0n1',
    [
      /holds the running system: \/boot\/efi on \/dev\/nvme0n1p1, \/boot on .*p2, \/ on \/dev\/mapper\/vg-root, \/home on .*, \[SWAP\] on/,
    ],
    [/is not removable \(nvme\)/],
  ],
  ['laptop-usb-reader', '/dev/mapper/vg-root', [/of type lvm, on \/dev\/nvme0n1/], []],
  ['laptop-usb-reader', '/dev/mapper/nvme0n1p3_crypt', [/of type crypt, on \/dev\/nvme0n1/], []],
  ['laptop-usb-reader', '/dev/sdz', [/lsblk does not list it/], []],
  [
    'built-in-slot',
    '/dev/mmcblk0',
    [
      /mmcblk0p1 is mounted at \/media\/me\/boot: sudo umount \/dev\/mmcblk0p1/,
      /mounted at \/media\/me\/root fs:/,
    ],
    [],
  ],
  [
    'built-in-slot',
    '/dev/loop0',
    [/is mounted at \/snap/, /is read-only/, /the image needs/],
    [/loop device/],
  ],
  ['built-in-slot', '/dev/zram0', [/is memory/], []],
  ['emmc-board', '/dev/mmcblk0', [/holds the running system: \/ on \/dev\/mmcblk0p1/], [/soldered/]],
  ['emmc-board', '/dev/mmcblk0boot0', [/a hardware partition of soldered storage/], []],
  ['emmc-board', '/dev/mmcblk1', [/is read-only: look at the card's write-protect switch/], []],
  ['emmc-board', '/dev/mmcblk2', [], [/soldered to this machine \(eMMC\)/]],
  ['emmc-board', '/dev/sda', [], []],
  ['live-system', '/dev/sdb', [/holds the running system: .*\/run\/live\/medium on \/dev\/sdb1/], []],
  ['live-system', '/dev/sda', [/is in use by \/dev\/md127 \(raid1\)/], [/is not removable \(sata\)/]],
  ['live-system', '/dev/sdc', [], []],
  ['live-system', '/dev/sdd', [/is in use by \/dev\/mapper\/luks-usb \(crypt\)/], []],
];

for (const [layout, path, refusals, objections] of TABLE) {
  test(`${layout}: ${path}`, () => {
    const verdict = evaluateDevice(path, load(layout), IMAGE_BYTES);
    for (const [found, expected] of [
      [verdict.refusals, refusals],
      [verdict.objections, objections],
    ] as const) {
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
      for (const sentence of found) assert.ok(sentence.startsWith('/dev/'), sentence);
    }
  });
}

test('only removable disks that are free and large enough are offered', () => {
  const offered = (layout: Layout, bytes: number | undefined = IMAGE_BYTES) =>
    findFitDisks(load(layout), bytes).map(({ path }) => path);
  assert.deepEqual(offered('laptop-usb-reader'), ['/dev/sda']);
  assert.deepEqual(offered('built-in-slot'), []);
  assert.deepEqual(offered('emmc-board'), ['/dev/sda']);
  assert.deepEqual(offered('live-system'), ['/dev/sdc']);
  assert.deepEqual(offered('laptop-usb-reader', 31_914_983_424), ['/dev/sda']);
  assert.deepEqual(offered('laptop-usb-reader', 31_914_983_425), []);
  assert.deepEqual(offered('laptop-usb-reader', undefined), ['/dev/sda']);
});

test('the running system is known by its device numbers too, where mounts are not seen', () => {
  const devices = load('laptop-usb-reader');
  assert.match(evaluateDevice('/dev/sda', devices, 1, ['8:2']).refusals.join(), /holds the running system$/);
  assert.deepEqual(findFitDisks(devices, 1, ['8:0']), []);
});

test('a disk that is system, read-only and too small at once is refused for all of it', () => {
  const [disk] = load('emmc-board').map((device) => ({ ...device, readOnly: true }));
  assert.ok(disk !== undefined);
  assert.equal(evaluateDevice(disk.path, [disk], 1e12).refusals.length, 3);
});

test('the list shows vendor, model, size and what is on it; no control character of a device gets through', () => {
  const text = formatDevices(findFitDisks(load('live-system'), IMAGE_BYTES));
  assert.equal(
    text,
    '  /dev/sdc  Kingston DT·[2J evil, 63.9 GB, usb, serial E0D55E\n            now on it: exfat KINGSTON\n',
  );
  const contents = (layout: Layout, path: string) => {
    const found = findDevice(path, load(layout));
    assert.ok(found !== undefined);
    return describeContents(found.device);
  };
  assert.equal(contents('laptop-usb-reader', '/dev/sda'), 'dos: boot (vfat, 268 MB), rootfs (ext4, 31.6 GB)');
  assert.equal(contents('emmc-board', '/dev/mmcblk1'), 'nothing that lsblk knows');
  assert.equal(contents('emmc-board', '/dev/mmcblk2'), 'an empty gpt partition table');
});
