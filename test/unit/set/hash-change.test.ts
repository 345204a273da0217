import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashChange } from '../../../src/set/hash-change.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* cut(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('the hashes are those of the whole file before and after, however it is read', async () => {
  const plan = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    size: fc.integer({ min: 1, max: 90 }),
    gaps: fc.array(
      fc.record({
        gap: fc.integer({ min: 0, max: 60 }),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 70 }),
      }),
      { maxLength: 3 },
    ),
    range: fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 })),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ bytes, size, gaps, range }) => {
      const after = Uint8Array.from(bytes);
      const patches: { offsetBytes: number; bytes: Uint8Array }[] = [];
      let at = 0;
      for (const { gap, bytes: part } of gaps) {
        const offsetBytes = at + gap;
        if (offsetBytes + part.length > bytes.length) break;
        patches.push({ offsetBytes, bytes: part });
        after.set(part, offsetBytes);
        at = offsetBytes + part.length;
      }
      const [start, end] = range.map((each) => Math.min(each, bytes.length)).sort((a, b) => a - b) as [
        number,
        number,
      ];
      assert.deepEqual(await hashChange(cut(bytes, size), patches, [{ start, end }]), {
        before: sha256(bytes),
        after: sha256(after),
        ranges: [sha256(after.subarray(start, end))],
      });
    }),
    { numRuns: 500 },
  );
});
