import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { replaceYields } from '../../../src/formats/arm64-kernel.ts';

const words = (...values: number[]) => {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setUint32(at * 4, value, true);
  return bytes;
};

// cpu_relax() between a load and a branch, as cpu_idle_poll has it.
const LOOP = [0xf9400000, 0xd503203f, 0x17fffffe] as const;
const CALM = [0xf9400000, 0xd503201f, 0x17fffffe] as const;

test('every yield of a kernel becomes a nop, and nothing else changes', () => {
  assert.deepEqual(replaceYields(words(...LOOP, ...LOOP)), words(...CALM, ...CALM));
  const unaligned = Uint8Array.from([0, 0, ...words(...LOOP), 1]);
  assert.deepEqual(replaceYields(unaligned), unaligned, 'an instruction begins at a multiple of four');
  const given = words(...LOOP);
  replaceYields(given);
  assert.deepEqual(given, words(...LOOP), 'its input stays as it is');
});

test('a kernel compressed by gzip is decompressed', () => {
  assert.deepEqual(replaceYields(gzipSync(words(...LOOP))), words(...CALM));
});
