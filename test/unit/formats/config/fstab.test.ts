import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBootFolder } from '../../../../src/formats/config/fstab.ts';

for (const [fstab, folder] of [
  ['', '/boot'],
  ['proc /proc proc defaults 0 0\nPARTUUID=1-01  /boot  vfat  defaults  0  2\n', '/boot'],
  ['PARTUUID=1-01\t/boot/firmware\tvfat defaults 0 2\nPARTUUID=1-02 / ext4 defaults 0 1\n', '/boot/firmware'],
  ['  # PARTUUID=1-01 /boot/firmware vfat defaults 0 2\n', '/boot'],
  ['LABEL=x /boot ext4 defaults 0 2\nLABEL=y /boot/firmware vfat defaults 0 2', '/boot/firmware'],
] as const) {
  test(`an fstab of ${fstab.split('\n').length} lines that mounts the FAT volume at ${folder}: ${JSON.stringify(fstab.slice(0, 40))}`, () => {
    assert.equal(parseBootFolder(fstab), folder);
  });
}
