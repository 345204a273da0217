import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../src/core/errors.ts';
import type { DiskLayout } from '../../../src/core/model.ts';
import { formatMbr, parseMbr } from '../../../src/formats/mbr.ts';

/** The 2019-04-08 Lite image. */
const LITE: DiskLayout = {
  diskId: 'c1dc39e5',
  sizeBytes: 1_803_550_720,
  boot: { number: 1, type: 0x0c, offsetBytes: 8192 * 512, sizeBytes: 87_851 * 512 },
  root: { number: 2, type: 0x83, offsetBytes: 98_304 * 512, sizeBytes: 3_424_256 * 512 },
};

test('a written table reads back the same', () => {
  assert.deepEqual(parseMbr(formatMbr(LITE), LITE.sizeBytes), LITE);
});

test('boot code stays when a table is rewritten', () => {
  const previous = formatMbr(LITE);
  previous.fill(0x90, 0, 440);
  previous[446] = 0x80;
  const written = formatMbr(LITE, previous);
  assert.deepEqual(written, previous);
});

const spoilt: [string, RegExp, (sector: Uint8Array, view: DataView) => void, number?][] = [
  ['no signature', /lacks the boot signature 55 AA/, (s) => s.fill(0, 510)],
  ['zeros', /lacks the boot signature/, (s) => s.fill(0)],
  ['GPT', /GPT partition table/, (s) => s.fill(0, 462, 478).set([0xee], 450)],
  ['one partition', /has 1 partition; expected two/, (s) => s.fill(0, 462, 478)],
  ['three partitions', /has 3 partitions/, (s) => s.set(s.slice(462, 478), 478)],
  ['none', /has 0 partitions/, (s) => s.fill(0, 446, 510)],
  ['NTFS root', /of type 0x0c and 0x07/, (s) => s.set([0x07], 466)],
  ['extended', /of type 0x0c and 0x05/, (s) => s.set([0x05], 466)],
  ['two FATs', /of type 0x0c and 0x0c/, (s) => s.set([0x0c], 466)],
  ['root first', /root partition is not the last/, (s) => swapTypes(s)],
  ['overlap', /overlap/, (_, v) => v.setUint32(458, 200_000, true)],
  ['sector 0', /begins at sector 0/, (_, v) => v.setUint32(454, 0, true)],
  ['empty root', /partition 2 is empty/, (_, v) => v.setUint32(474, 0, true)],
  ['a bare FAT volume', /no partition table/, (s) => s.set([0x6e], 446)],
  [
    'truncated',
    /cut short: partition 2 ends at byte 1803550720, the file at 1803550719/,
    () => undefined,
    LITE.sizeBytes - 1,
  ],
];

for (const [name, message, spoil, size] of spoilt) {
  test(`refused: ${name}`, () => {
    const sector = formatMbr(LITE);
    spoil(sector, new DataView(sector.buffer));
    assert.throws(() => parseMbr(sector, size ?? LITE.sizeBytes), { name: 'InputError', message });
  });
}

test('a file shorter than a sector is refused', () => {
  assert.throws(() => parseMbr(new Uint8Array(100), 100), { name: 'InputError', message: /only 100 bytes/ });
});

test('any 512 bytes parse or are an InputError', () => {
  const sectors = fc.uint8Array({ minLength: 512, maxLength: 512 }).map((bytes) => {
    bytes.set([0x55, 0xaa], 510);
    return bytes;
  });
  fc.assert(
    fc.property(sectors, fc.nat(), (sector, size) => {
      try {
        parseMbr(sector, size);
      } catch (error) {
        assert.ok(error instanceof InputError);
      }
    }),
  );
});

test('whatever parses is written the same', () => {
  const layouts = fc
    .record({
      id: fc.nat(),
      start: fc.integer({ min: 1, max: 1e6 }),
      boot: fc.integer({ min: 1, max: 1e6 }),
      gap: fc.nat(1e5),
      root: fc.integer({ min: 1, max: 1e9 }),
    })
    .map(
      ({ id, start, boot, gap, root }): DiskLayout => ({
        diskId: id.toString(16).padStart(8, '0'),
        sizeBytes: (start + boot + gap + root) * 512,
        boot: { number: 1, type: 0x0c, offsetBytes: start * 512, sizeBytes: boot * 512 },
        root: { number: 2, type: 0x83, offsetBytes: (start + boot + gap) * 512, sizeBytes: root * 512 },
      }),
    );
  fc.assert(
    fc.property(layouts, (layout) => assert.deepEqual(parseMbr(formatMbr(layout), layout.sizeBytes), layout)),
  );
});

function swapTypes(sector: Uint8Array): void {
  sector.set([0x83], 450);
  sector.set([0x0c], 466);
}
