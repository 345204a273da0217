import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../../src/core/errors.ts';
import {
  BMAP_BLOCK_BYTES,
  type Bmap,
  countMapped,
  formatBmap,
  parseBmap,
} from '../../../../src/formats/release-files/bmap.ts';

const A = 'a'.repeat(64);
const MAP: Bmap = {
  imageSizeBytes: 10 * 4096 - 100,
  blockSizeBytes: BMAP_BLOCK_BYTES,
  ranges: [
    { first: 0, last: 0, sha256: A },
    { first: 3, last: 9, sha256: 'b'.repeat(64) },
  ],
};

/** Text changed after the fact, with the checksum made to fit again. */
function reseal(text: string): string {
  const zeroed = text.replace(/<BmapFileChecksum> \w+ </, `<BmapFileChecksum> ${'0'.repeat(64)} <`);
  return zeroed.replace('0'.repeat(64), createHash('sha256').update(zeroed).digest('hex'));
}

test('a map is written as format 2.0 has it', () => {
  const text = formatBmap(MAP);
  assert.match(text, /<bmap version="2\.0">/);
  assert.match(text, /<BlocksCount> 10 <\/BlocksCount>\n {2}<MappedBlocksCount> 8 </);
  assert.match(text, new RegExp(`<Range chksum="${A}"> 0 </Range>`));
  assert.match(text, /<Range chksum="b{64}"> 3-9 <\/Range>/);
  assert.equal(reseal(text), text);
});

test('what is written is read back the same', () => {
  const range = fc.tuple(fc.nat(50), fc.nat(50), fc.stringMatching(/^[0-9a-f]{64}$/));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), fc.integer({ min: 1, max: 4096 }), (parts, rest) => {
      let next = 0;
      const ranges = parts.map(([skip, more, sha256]) => {
        const first = next + skip;
        next = first + more + 1;
        return { first, last: first + more, sha256 };
      });
      const map = { imageSizeBytes: next * 4096 + rest, blockSizeBytes: 4096, ranges };
      assert.deepEqual(parseBmap(formatBmap(map)), map);
      assert.ok(countMapped(ranges) <= next);
    }),
  );
});

test("bmaptool's own way of writing is read", () => {
  const text = reseal(
    formatBmap(MAP)
      .replace('version="2.0"', 'version="1.4"')
      .replace('<ImageSize>', '<!-- Image size in bytes: 40 KiB -->\n    <ImageSize>')
      .replace('> 3-9 <', '> 3 - 9 <'),
  );
  assert.deepEqual(parseBmap(text), MAP);
});

const good = formatBmap(MAP);
const faulty: readonly (readonly [why: string, text: string, message: RegExp])[] = [
  ['no XML', 'hello', /not a block map|damaged/],
  ['cut short', good.slice(0, 400), /damaged/],
  ['another document', '<a/>', /not a block map/],
  ['a changed range', good.replace('3-9', '3-8'), /does not fit its own checksum/],
  ['version 3', reseal(good.replace('"2.0"', '"3.0"')), /neither 2\.0 nor 1\.4/],
  ['sha1', reseal(good.replace('> sha256 <', '> sha1 <')), /is not sha256/],
  ['no checksum of a range', reseal(good.replace(` chksum="${A}"`, '')), /BlockMap/],
  ['ranges that overlap', reseal(good.replace('> 0 <', '> 0-3 <')), /out of order/],
  ['a range that ends before it begins', reseal(good.replace('3-9', '9-3')), /out of order/],
  ['a range beyond the end', reseal(good.replace('3-9', '3-10')), /beyond the end/],
  ['a wrong count', reseal(good.replace('> 8 <', '> 7 <')), /does not map 7 blocks/],
  ['a wrong size', reseal(good.replace('> 10 <', '> 11 <')), /counts 11 blocks, not 10/],
  ['block size 0', reseal(good.replace('> 4096 <', '> 0 <')), /BlockSize is zero/],
];
for (const [why, text, message] of faulty) {
  test(`refused: ${why}`, () => {
    assert.throws(
      () => parseBmap(text),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('no text makes the reader fail in another way', () => {
  fc.assert(
    fc.property(fc.nat(good.length), fc.string(), (at, junk) => {
      try {
        parseBmap(good.slice(0, at) + junk + good.slice(at));
      } catch (error) {
        assert.ok(error instanceof InputError, String((error as Error).stack));
      }
    }),
  );
});
