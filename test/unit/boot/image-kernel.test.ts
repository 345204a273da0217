import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBootFiles } from '../../../src/boot/image-kernel.ts';
import { InputError } from '../../../src/core/errors.ts';

test("raspi-firmware's config.txt names kernel and initramfs", () => {
  const config = [
    '# Switch the CPU from ARMv7 into ARMv8 (aarch64) mode',
    'arm_64bit=1',
    '',
    'kernel=vmlinuz-6.12.118+deb13-arm64',
    '# For details on the initramfs directive, see config.txt(5)',
    'initramfs initrd.img-6.12.118+deb13-arm64 followkernel',
    '[pi4]',
    'dtoverlay=x',
  ].join('\n');
  assert.deepEqual(parseBootFiles(config), {
    kernel: 'vmlinuz-6.12.118+deb13-arm64',
    initramfs: 'initrd.img-6.12.118+deb13-arm64',
  });
});

test("a Raspberry Pi's own config.txt names none, and is refused", () => {
  assert.throws(() => parseBootFiles('dtparam=audio=on\nauto_initramfs=1\n'), InputError);
});
