import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIssue, type Issue } from '../../../src/formats/issues.ts';
import {
  type CompressionOptions,
  nameCompressed,
  parseCompression,
} from '../../../src/recipe/compression.ts';

const GOOD: readonly (readonly [
  options: CompressionOptions,
  format: string,
  level: number,
  keepImage: boolean,
])[] = [
  [{}, 'none', 0, true],
  [{ keepImage: true }, 'none', 0, true],
  [{ compress: 'none' }, 'none', 0, true],
  [{ compress: 'xz' }, 'xz', 6, true],
  [{ compress: 'xz', level: '0' }, 'xz', 0, true],
  [{ compress: 'xz', level: 9, keepImage: false }, 'xz', 9, false],
  [{ compress: 'zstd' }, 'zstd', 3, true],
  [{ compress: 'zstd', level: '19' }, 'zstd', 19, true],
];

for (const [options, format, level, keepImage] of GOOD) {
  test(`${JSON.stringify(options)} packs as ${format} at ${level}`, () => {
    const issues: Issue[] = [];
    assert.deepEqual(parseCompression(options, issues), { format, level, keepImage });
    assert.deepEqual(issues, []);
  });
}

const BAD: readonly (readonly [options: CompressionOptions, ...faults: RegExp[]])[] = [
  [{ compress: 'gzip' }, /^--compress "gzip" must be one of xz, zstd, none$/],
  [{ compress: '' }, /^--compress "" must/],
  [{ compress: 'xz', level: '10' }, /^--level needs a whole number from 0 to 9 for xz$/],
  [{ compress: 'xz', level: '-1' }, /^--level needs/],
  [{ compress: 'xz', level: '6e' }, /^--level needs/],
  [{ compress: 'zstd', level: '0' }, /^--level needs a whole number from 1 to 19 for zstd$/],
  [{ compress: 'zstd', level: '20' }, /^--level needs/],
  [{ level: '6' }, /^--level needs --compress/],
  [{ keepImage: false }, /^--keep-image can be false only with --compress/],
  [
    { compress: 'none', level: '6', keepImage: false },
    /^--level needs --compress/,
    /^--keep-image can be false only with --compress/,
  ],
];

for (const [options, ...expected] of BAD) {
  test(`${JSON.stringify(options)} is refused, every issue named`, () => {
    const issues: Issue[] = [];
    parseCompression(options, issues);
    const texts = issues.map(formatIssue);
    assert.equal(texts.length, expected.length, texts.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(texts[index] ?? '', pattern);
  });
}

test('compressed files have the usual names', () => {
  assert.equal(nameCompressed('a.img', 'xz'), 'a.img.xz');
  assert.equal(nameCompressed('a.img', 'zstd'), 'a.img.zst');
  assert.equal(nameCompressed('a.img', 'none'), undefined);
});
