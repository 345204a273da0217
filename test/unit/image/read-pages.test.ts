import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { keepPages } from '../../../src/image/read-pages.ts';

const PAGE_BYTES = 64 * 1024;
const content = randomBytes(5 * PAGE_BYTES + 777);

/** A reader of the content that counts. */
function open() {
  const counts = { reads: 0 };
  const read = async (offset: number, length: number) => {
    counts.reads += 1;
    return content.subarray(offset, offset + length);
  };
  return { counts, readSmall: keepPages(read) };
}

describe('small reads from pages', () => {
  test('give the bytes that are there, across pages and up to the end', async () => {
    const { readSmall } = open();
    const at = fc.integer({ min: 0, max: content.length + 100 });
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 0, max: PAGE_BYTES }), async (offset, length) => {
        const found = await readSmall(offset, length);
        const isThere = offset + length <= content.length || length === 0;
        assert.deepEqual(
          found,
          isThere ? new Uint8Array(content.subarray(offset, offset + length)) : undefined,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('read a page once, also when asked for twice at the same time', async () => {
    const { counts, readSmall } = open();
    await Promise.all([readSmall(0, 10), readSmall(4096, 4096), readSmall(PAGE_BYTES - 5, 5)]);
    assert.equal(counts.reads, 1);
    await readSmall(PAGE_BYTES - 5, 10);
    assert.equal(counts.reads, 2);
  });

  test('leave what is larger than a page to the caller', async () => {
    const { counts, readSmall } = open();
    assert.equal(await readSmall(0, PAGE_BYTES + 1), undefined);
    assert.equal(counts.reads, 0);
  });

  test('give memory that the caller may change', async () => {
    const { readSmall } = open();
    (await readSmall(0, 10))?.fill(0);
    assert.deepEqual(await readSmall(0, 10), new Uint8Array(content.subarray(0, 10)));
  });

  test('keep a bounded number of pages, and those used last', async () => {
    const counts = new Map<number, number>();
    const readSmall = keepPages(async (offset, length) => {
      counts.set(offset, (counts.get(offset) ?? 0) + 1);
      return new Uint8Array(length);
    });
    for (let page = 0; page < 1000; page += 1) {
      await readSmall(page * PAGE_BYTES, 1);
      await readSmall(0, 1);
    }
    await readSmall(PAGE_BYTES, 1);
    assert.deepEqual([counts.get(0), counts.get(PAGE_BYTES)], [1, 2]);
  });
});
