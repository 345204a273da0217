import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parseReleaseSums, validateFileName } from '../../../../src/formats/release-files/checksums.ts';

const hash = createHash('sha256').update('x').digest('hex');

test('lines of sha256sum, in text and binary mode', () => {
  assert.deepEqual(parseReleaseSums(`${hash}  a b.img\n${hash} *c  d\n`), {
    checksums: [
      { name: 'a b.img', sha256: hash },
      { name: 'c  d', sha256: hash },
    ],
  });
});

test('every line that can not be one, or leads out of the folder, is a fault', () => {
  const lines = [
    `${hash}  ../up`,
    `${hash}  /etc/passwd`,
    `${hash}  sub/file`,
    `${hash}  ..`,
    `${hash}  good`,
    `${hash}  good`,
    `${hash}  x.part`,
    `${hash}  tab\there`,
    `\\${hash}  new\\nline`,
    `${hash.slice(1)}  short`,
    `${hash.toUpperCase()}  upper`,
    '',
    'hello',
  ];
  const parsed = parseReleaseSums(`${lines.join('\n')}\n`);
  assert.ok('faults' in parsed);
  assert.deepEqual(
    parsed.faults.map((fault) => Number(/^line (\d+)/.exec(fault)?.[1])),
    [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13],
  );
});

test('an empty list is none', () => {
  assert.deepEqual(parseReleaseSums(''), { faults: ['it lists no file'] });
});

test('names of files beside it', () => {
  for (const name of ['a', '.hidden', 'a b', '-x', "it's", '...'])
    assert.equal(validateFileName(name), undefined, name);
  for (const name of ['.', '..', 'a/b', 'a\nb', 'a.part'])
    assert.notEqual(validateFileName(name), undefined, name);
});
