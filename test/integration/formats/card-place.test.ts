import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { findCardPlace, patchCardPlace } from '../../../src/formats/card-settings/card-place.ts';
import { editCardText, formatCardText } from '../../../src/formats/card-settings/card-text.ts';
import { withImageTree } from '../../../src/image/image-tree.ts';
import { findCardRange } from '../../../src/release/find-card-range.ts';
import { checkFat } from '../../../src/tools/disk/fat.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const TEXT = formatCardText(new Map([['apn', 'internet']]));
const NEXT = editCardText(TEXT, new Map([['apn', 'web.vodafone.de']]));
const readOf = (bytes: Uint8Array) => async (offset: number, length: number) => {
  if (offset + length > bytes.length) throw new InputError('cut short');
  return Uint8Array.from(bytes.subarray(offset, offset + length));
};

for (const [what, shape, boot] of [
  ['FAT16', {}, { '/wwanpi.txt': TEXT }],
  ['FAT32', { fatBits: '32', bootSectors: 80_000 }, { '/a.txt': 'x', '/wwanpi.txt': TEXT }],
  ['a name in capitals, after many others', {}, { ...many(40), '/WWANPI.TXT': TEXT }],
] as const) {
  test(`wwanpi.txt of a raw disk is found and changed: ${what}`, async (t) => {
    const context = await createTestContext(t);
    const disk = await makeImage(context, 'a.img', { boot }, shape);
    const bytes = await readFile(disk.path);
    const place = await findCardPlace(bytes.length, readOf(bytes));
    assert.deepEqual(place?.content, TEXT);
    const [patch, ...others] = patchCardPlace(place as NonNullable<typeof place>, NEXT);
    assert.deepEqual(others, []);
    assert.equal((await findCardRange(disk))?.start, patch?.offsetBytes);
    bytes.set(patch?.bytes ?? [], patch?.offsetBytes);
    await writeFile(disk.path, bytes);
    await checkFat(context, disk);
    const volume = `${disk.path}@@${disk.layout.boot.offsetBytes}`;
    const { stdoutBytes } = await context.exec(['mtype', '-i', volume, '::/wwanpi.txt']);
    assert.deepEqual(Uint8Array.from(stdoutBytes), NEXT);
  });
}

test('a fragmented wwanpi.txt is changed in all its pieces, and gets no Block of its own', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', { boot: many(20) });
  const volume = `${disk.path}@@${disk.layout.boot.offsetBytes}`;
  const source = `${disk.path}.txt`;
  const freeBytes = await withImageTree(disk, async ({ fat }) => fat.freeBytes);
  await writeFile(source, Buffer.alloc(freeBytes, 1));
  await context.exec(['mcopy', '-i', volume, source, '::/fill']);
  // Every second file goes, so that the room is in pieces.
  const gone = [0, 2, 4, 6, 8, 10].map((index) => `::/file-${index}.txt`);
  await context.exec(['mdel', '-i', volume, ...gone]);
  await writeFile(source, TEXT);
  await context.exec(['mcopy', '-i', volume, source, '::/wwanpi.txt']);
  const bytes = await readFile(disk.path);
  const place = await findCardPlace(bytes.length, readOf(bytes));
  assert.deepEqual(place?.content, TEXT);
  const patches = patchCardPlace(place as NonNullable<typeof place>, NEXT);
  assert.ok(patches.length > 1, 'it is fragmented');
  assert.equal(await findCardRange(disk), undefined);
  for (const { offsetBytes, bytes: part } of patches) bytes.set(part, offsetBytes);
  assert.deepEqual((await findCardPlace(bytes.length, readOf(bytes)))?.content, NEXT);
});

test('a disk without one, and what is no disk', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', { boot: { '/config.txt': 'x' } });
  const bytes = await readFile(disk.path);
  assert.equal(await findCardPlace(bytes.length, readOf(bytes)), undefined);
  assert.equal(await findCardRange(disk), undefined);
  for (const other of [
    Buffer.alloc(0),
    Buffer.alloc(4096),
    Buffer.from('hello'),
    bytes.subarray(0, 2_000_000),
  ])
    await assert.rejects(findCardPlace(other.length, readOf(other)), InputError);
});

function many(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`/file-${index}.txt`, 'x'.repeat(1500)]),
  );
}
