import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listFlashPurposes, parseFlashOptions } from '../../../src/commands/flash.ts';
import { InputError } from '../../../src/core/errors.ts';
import { bmapNames } from '../../../src/flash/find-sidecar-files.ts';
import { formatMajorMinor } from '../../../src/tools/disk/block-device.ts';
import { parseLine } from '../../helpers/command-lines.ts';

/** As the command line is read, without running it. */
async function parse(...words: string[]): Promise<ReturnType<typeof parseFlashOptions>> {
  return parseFlashOptions(await parseLine(['flash', ...words]));
}

test('what the command line asks for', async () => {
  const usual = {
    imagePath: 'a.img',
    targetPath: undefined,
    yes: false,
    force: false,
    bmap: true,
    verify: true,
  };
  assert.deepEqual(await parse(), { ...usual, imagePath: undefined });
  assert.deepEqual(await parse('a.img'), usual);
  assert.deepEqual(await parse('a.img', '/dev/sdb', '-y', '--force'), {
    ...usual,
    targetPath: '/dev/sdb',
    yes: true,
    force: true,
  });
  assert.deepEqual(await parse('a.img', '--no-bmap', '--no-verify'), {
    ...usual,
    bmap: false,
    verify: false,
  });
  assert.deepEqual(await parse('a.img', '--bmap', 'b.bmap'), { ...usual, bmap: 'b.bmap' });
});

test('--yes without a device, a third word and unknown options are refused', async () => {
  for (const words of [
    ['--yes'],
    ['a.img', '--yes'],
    ['a.img', '/dev/sdb', '/dev/sdc'],
    ['a.img', '/dev/sdb', '--verfy'],
  ]) {
    await assert.rejects(parse(...words), InputError, words.join(' '));
  }
});

test('block maps are looked for where bmaptool looks', () => {
  assert.deepEqual(bmapNames('/x.d/a.b.img.xz'), [
    '/x.d/a.b.img.xz.bmap',
    '/x.d/a.b.img.bmap',
    '/x.d/a.b.bmap',
    '/x.d/a.bmap',
  ]);
  assert.deepEqual(bmapNames('disk'), ['disk.bmap']);
});

test('programs an image needs', () => {
  assert.deepEqual(
    ['img', 'xz', 'zst'].map((format) => listFlashPurposes(format as 'img')),
    [['flash'], ['flash', 'flash-xz'], ['flash', 'flash-zst']],
  );
});

test('device numbers unfold as glibc folds them', () => {
  assert.equal(formatMajorMinor(0x0811), '8:17');
  assert.equal(formatMajorMinor(0x10_3b_05), '59:261');
  assert.equal(formatMajorMinor(0x1230_fe01), '254:74497');
});
