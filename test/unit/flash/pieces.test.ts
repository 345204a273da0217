import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { VerificationError } from '../../../src/core/errors.ts';
import { CHUNK_BYTES, fillChunks } from '../../../src/flash/fill-chunks.ts';
import { countBytes, planExtents } from '../../../src/flash/plan-extents.ts';
import { checkRanges } from '../../../src/flash/range-check.ts';
import { type Piece, readImageExtents } from '../../../src/flash/read-extents.ts';
import type { ByteRange } from '../../../src/formats/byte-range.ts';
import { type Bmap, countMapped } from '../../../src/formats/release-files/bmap.ts';
import { createTestContext } from '../../helpers/context.ts';

/** An image whose bytes tell their place, and a map of some of its blocks. */
function makeMap(
  blocks: number,
  shortBy: number,
  mapped: ReadonlySet<number>,
  block = 4096,
): Bmap & { disk: Buffer } {
  const disk = Buffer.alloc(Math.max(0, blocks * block - shortBy));
  for (let at = 0; at + 4 <= disk.length; at += 4) disk.writeUInt32LE((at * 2654435761) >>> 0, at);
  const ranges: { first: number; last: number; sha256: string }[] = [];
  for (let index = 0; index < blocks; index += 1) {
    if (!mapped.has(index)) continue;
    const open = ranges.at(-1);
    if (open?.last === index - 1) open.last = index;
    else ranges.push({ first: index, last: index, sha256: '' });
  }
  for (const range of ranges) {
    const bytes = disk.subarray(range.first * block, (range.last + 1) * block);
    range.sha256 = createHash('sha256').update(bytes).digest('hex');
  }
  return { imageSizeBytes: disk.length, blockSizeBytes: block, ranges, disk };
}

const maps = fc
  .record({
    blocks: fc.integer({ min: 1, max: 400 }),
    shortBy: fc.integer({ min: 0, max: 4095 }),
    runs: fc.array(fc.tuple(fc.nat(399), fc.integer({ min: 1, max: 60 })), { maxLength: 8 }),
  })
  .map(({ blocks, shortBy, runs }) => {
    const mapped = new Set(
      runs.flatMap(([from, count]) => Array.from({ length: count }, (_, i) => from + i)),
    );
    return makeMap(blocks, shortBy, new Set([...mapped].filter((index) => index < blocks)));
  });

async function collect(pieces: AsyncIterable<Piece>): Promise<{ offsetBytes: number; bytes: Buffer }[]> {
  const all: { offsetBytes: number; bytes: Buffer }[] = [];
  for await (const { offsetBytes, bytes } of pieces) all.push({ offsetBytes, bytes: Buffer.from(bytes) });
  return all;
}

async function* cut(disk: Buffer, extents: readonly ByteRange[], size: number): AsyncIterable<Piece> {
  for (const { start, end } of extents) {
    for (let at = start; at < Math.min(end, disk.length); at += size) {
      yield { offsetBytes: at, bytes: disk.subarray(at, Math.min(at + size, end)) };
    }
  }
}

test('extents hold every mapped byte, are aligned, apart by 128 KiB or more, and end with the image', () => {
  fc.assert(
    fc.property(maps, (map) => {
      const extents = planExtents(map.imageSizeBytes, map);
      for (const { first, last } of map.ranges) {
        const start = first * 4096;
        const end = Math.min((last + 1) * 4096, map.imageSizeBytes);
        assert.ok(extents.some((extent) => extent.start <= start && extent.end >= end));
      }
      for (const [index, { start, end }] of extents.entries()) {
        assert.ok(start % 4096 === 0 && end > start && end <= map.imageSizeBytes);
        const before = extents[index - 1];
        if (before !== undefined) assert.ok(start - before.end >= 128 * 1024);
        // Neither end lies in a gap: nothing is written for nothing.
        assert.ok(map.ranges.some(({ first }) => first * 4096 === start));
      }
      assert.ok(countBytes(extents) >= Math.min(countMapped(map.ranges) * 4096, map.imageSizeBytes) - 4095);
    }),
  );
});

test('without a map the whole image is written, whatever is in it', () => {
  assert.deepEqual(planExtents(5_000_000, undefined), [{ start: 0, end: 5_000_000 }]);
  assert.deepEqual(planExtents(undefined, undefined), [{ start: 0, end: Number.POSITIVE_INFINITY }]);
});

test('a map of other block sizes is aligned for the card too', () => {
  const map = makeMap(600, 0, new Set([3, 500]), 1024);
  assert.deepEqual(planExtents(map.imageSizeBytes, map), [
    { start: 0, end: 4096 },
    { start: 499_712 + 4096 * 3, end: 516_096 },
  ]);
});

test('checked pieces pass unchanged, whatever their size; one changed mapped byte is found', async () => {
  await fc.assert(
    fc.asyncProperty(maps, fc.integer({ min: 1, max: 300_000 }), fc.nat(), async (map, least, seed) => {
      const extents = planExtents(map.imageSizeBytes, map);
      // A byte at a time where the map is small; millions of pieces say no more.
      const size = Math.max(least, Math.ceil(countBytes(extents) / 10_000));
      const passed = await collect(checkRanges(cut(map.disk, extents, size), map));
      for (const { offsetBytes, bytes } of passed) {
        assert.ok(bytes.equals(map.disk.subarray(offsetBytes, offsetBytes + bytes.length)));
      }
      const range = map.ranges[seed % Math.max(1, map.ranges.length)];
      if (range === undefined) return;
      const at = Math.min(range.first * 4096 + (seed % 4096), map.imageSizeBytes - 1);
      const damaged = Buffer.from(map.disk);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await assert.rejects(collect(checkRanges(cut(damaged, extents, size), map)), VerificationError);
    }),
    { numRuns: 50 },
  );
});

test('an image that ends before its map does is refused', async () => {
  const map = makeMap(10, 0, new Set([1, 8, 9]));
  const pieces = cut(map.disk.subarray(0, 9 * 4096), [{ start: 0, end: 10 * 4096 }], 4096);
  await assert.rejects(collect(checkRanges(pieces, map)), /ends before its block map does/);
});

test('chunks are the pieces again: aligned, at most 4 MiB, none across a multiple of 4 MiB or a gap', async () => {
  const disk = Buffer.alloc(CHUNK_BYTES * 2 + 5000);
  for (let at = 0; at + 4 <= disk.length; at += 4) disk.writeUInt32LE(at, at);
  const extentSets: ByteRange[][] = [
    [{ start: 0, end: disk.length }],
    [
      { start: 4096, end: 8192 },
      { start: 1 << 20, end: CHUNK_BYTES + 4096 },
      { start: CHUNK_BYTES * 2, end: disk.length },
    ],
  ];
  for (const extents of extentSets) {
    for (const size of [777, 65_536, 1 << 20, disk.length]) {
      let covered = 0;
      for await (const { offsetBytes, bytes, imageBytes } of fillChunks(cut(disk, extents, size), 512)) {
        assert.ok(offsetBytes % 4096 === 0 && bytes.length % 512 === 0 && bytes.length <= CHUNK_BYTES);
        const lastByte = offsetBytes + imageBytes - 1;
        assert.equal(Math.floor(offsetBytes / CHUNK_BYTES), Math.floor(lastByte / CHUNK_BYTES));
        assert.ok(extents.some(({ start, end }) => start <= offsetBytes && lastByte < end));
        assert.ok(disk.subarray(offsetBytes, offsetBytes + imageBytes).equals(bytes.subarray(0, imageBytes)));
        assert.ok(bytes.subarray(imageBytes).every((byte) => byte === 0));
        covered += imageBytes;
      }
      assert.equal(covered, countBytes(extents));
    }
  }
});

test('compressed or raw, the same extents of an image are read', async (t) => {
  const context = await createTestContext(t);
  const map = makeMap(500, 777, new Set([0, 1, 2, 100, 101, 300, 499]));
  map.disk.writeUInt16BE(0x55aa, 510);
  const raw = join(context.tmpDir, 'raw.img');
  await writeFile(raw, map.disk);
  await context.exec(['xz', '--keep', '-1', '--block-size=64KiB', raw]);
  await context.exec(['zstd', '-q', '-1', raw]);
  await context.exec(['gzip', '-1', '-k', raw]);
  const extents = planExtents(map.imageSizeBytes, map);
  const expected = extents.map(({ start, end }) => [
    start,
    createHash('sha256').update(map.disk.subarray(start, end)).digest('hex'),
  ]);
  for (const [format, suffix] of [
    ['img', ''],
    ['xz', '.xz'],
    ['zst', '.zst'],
    ['gz', '.gz'],
  ] as const) {
    const image = { path: `${raw}${suffix}`, format, fileBytes: 0, diskBytes: map.imageSizeBytes };
    const pieces = await readImageExtents(context, image, extents, collect);
    const found = extents.map(({ start, end }) => {
      const inside = pieces.filter(({ offsetBytes }) => offsetBytes >= start && offsetBytes < end);
      const hash = createHash('sha256');
      for (const { bytes } of inside) hash.update(bytes);
      return [inside[0]?.offsetBytes, hash.digest('hex')];
    });
    assert.deepEqual(found, expected, format);
  }
});
