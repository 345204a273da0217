import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hashBlob } from '../../../src/catalogue/page/hash-blob.ts';

const MIB = 1024 * 1024;

for (const sizeBytes of [0, 1, 2 * MIB - 1, 2 * MIB, 5 * MIB + 3]) {
  test(`the SHA-256 of ${sizeBytes} bytes in two pieces is that of Node.js, and the progress ends at all`, async () => {
    const bytes = Buffer.alloc(sizeBytes, 'wwanpi ');
    const blob = new Blob([bytes.subarray(0, 1000), bytes.subarray(1000)]);
    const seen: number[] = [];
    const options = { signal: new AbortController().signal, onProgress: (done: number) => seen.push(done) };
    assert.equal(await hashBlob(blob, options), createHash('sha256').update(bytes).digest('hex'));
    assert.equal(seen.at(-1) ?? 0, sizeBytes);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
  });
}

test('a hash that is cancelled ends with the reason', async () => {
  const control = new AbortController();
  const seen: number[] = [];
  const hashing = hashBlob(new Blob([Buffer.alloc(10 * MIB)]), {
    signal: control.signal,
    onProgress: (done) => {
      seen.push(done);
      control.abort(new Error('enough'));
    },
  });
  await assert.rejects(hashing, /enough/);
  assert.deepEqual(seen, [2 * MIB]);
});

test('a blob that the browser cannot read is an error, not a hash', async () => {
  const blob = new Blob([Buffer.alloc(10 * MIB)]);
  let reads = 0;
  blob.slice = () => {
    reads += 1;
    const part = new Blob([Buffer.alloc(2 * MIB)]);
    if (reads > 2) part.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
    return part;
  };
  const options = { signal: new AbortController().signal, onProgress: () => undefined };
  await assert.rejects(hashBlob(blob, options), { name: 'NotReadableError' });
});
