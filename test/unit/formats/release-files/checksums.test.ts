import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChecksum } from '../../../../src/formats/release-files/checksums.ts';

const HASH = 'cfa962dfbf379e7cd982d17a40b59e156bafe85d50a55207d8a3acfe3a2e8a63';
const OTHER = '0'.repeat(64);

test('a file is found in what sha256sum writes, in any of its ways', () => {
  for (const line of [
    `${HASH}  a.img.xz`,
    `${HASH} *a.img.xz`,
    `${HASH.toUpperCase()}  a.img.xz\r`,
    `${HASH}  ./out/a.img.xz`,
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${OTHER}  b.img.xz\n${HASH}  a.img.xz\n-----BEGIN PGP SIGNATURE-----`,
  ]) {
    assert.equal(findChecksum(`${line}\n`, 'a.img.xz'), HASH, line);
  }
});

test('what is not listed is not found', () => {
  for (const text of ['', `${HASH}  a.img`, `${HASH}  xa.img.xz`, `${HASH.slice(1)}  a.img.xz`, 'a.img.xz']) {
    assert.equal(findChecksum(text, 'a.img.xz'), undefined, text);
  }
});
