import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { crc32, crc64 } from '../../../src/formats/crc.ts';

test('CRC32 is that of zlib', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)));
});

test('CRC64 is CRC-64/XZ of the catalogue of parametrised CRC algorithms', () => {
  const text = (value: string) => new TextEncoder().encode(value);
  assert.deepEqual(crc64(text('123456789')), { low: 0xdf1939fa, high: 0x995dc9bb });
  assert.deepEqual(crc64(text('')), { low: 0, high: 0 });
});
