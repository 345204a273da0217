import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceError, InputError } from '../../../src/core/errors.ts';
import type { CardPlace } from '../../../src/formats/card-settings/card-place.ts';
import { editCardText, formatCardText, readCardText } from '../../../src/formats/card-settings/card-text.ts';
import { planEdit } from '../../../src/set/plan-edit.ts';
import { writeCard } from '../../../src/set/write-card.ts';
import type { RandomAccess } from '../../../src/tools/disk/random-access.ts';

const OFFSET = 5 * 512;
const SECTOR = 512;
const old = formatCardText(new Map([['apn', 'internet']]));
const next = editCardText(
  old,
  new Map([
    ['apn', 'a-much-longer-name.of.another.carrier'],
    ['hostname', 'field-7'],
  ]),
);

/** A disk in memory that holds `old` in two pieces, and dies after a number of sectors. */
function openDisk(diesAfter = Number.POSITIVE_INFINITY) {
  const disk = new Uint8Array(64 * SECTOR);
  const ranges = [
    { start: OFFSET, end: OFFSET + 4096 },
    { start: OFFSET + 8192, end: OFFSET + 8192 + 4096 },
  ];
  disk.set(old.subarray(0, 4096), ranges[0]?.start);
  disk.set(old.subarray(4096), ranges[1]?.start);
  const place: CardPlace = { format: 'img', content: old, ranges };
  let left = diesAfter;
  const access: RandomAccess = {
    path: 'disk',
    sizeBytes: disk.length,
    sectorBytes: SECTOR,
    read: async (offset, length) => disk.slice(offset, offset + length),
    write: async (offset, bytes) => {
      for (let at = 0; at < bytes.length; at += SECTOR) {
        if (left <= 0) throw new Error('no power');
        left -= 1;
        disk.set(bytes.subarray(at, at + SECTOR), offset + at);
      }
    },
    close: async () => undefined,
  };
  const readBack = () =>
    Uint8Array.from([
      ...disk.slice(OFFSET, OFFSET + 4096),
      ...disk.slice(OFFSET + 8192, OFFSET + 8192 + 4096),
    ]);
  return { access, place, disk, readBack };
}

test('all is written, and nothing around it', async () => {
  const { access, place, disk, readBack } = openDisk();
  await writeCard(access, place, next);
  assert.deepEqual(readBack(), next);
  const inside = (at: number) =>
    (at >= OFFSET && at < OFFSET + 4096) || (at >= OFFSET + 8192 && at < OFFSET + 8192 + 4096);
  assert.ok(disk.every((byte, at) => inside(at) || byte === 0));
});

test('cut off after any sector, the file is the old one, the new one, or one that the Pi and wwanpi refuse', async () => {
  let refused = 0;
  for (let sectors = 0; sectors <= 18; sectors += 1) {
    const { access, place, readBack } = openDisk(sectors);
    await writeCard(access, place, next).catch((error: Error) => assert.equal(error.message, 'no power'));
    const found = readBack();
    if (Buffer.compare(found, old) === 0 || Buffer.compare(found, next) === 0) continue;
    refused += 1;
    assert.notEqual(readCardText(found).faults.length, 0, `after ${sectors} sectors`);
    assert.throws(() => planEdit(found, new Map([['apn', 'x']]), 'disk'), InputError);
  }
  assert.ok(refused >= 14, `${refused}`);
});

test('a disk that returns something else is found out', async () => {
  const { access, place } = openDisk();
  const lying: RandomAccess = { ...access, read: async (_offset, length) => new Uint8Array(length) };
  await assert.rejects(writeCard(lying, place, next), DeviceError);
});
