import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ToolMissingError } from '../../../src/core/errors.ts';
import { BLOCK_BYTES } from '../../../src/recipe/compression.ts';
import { readBlocks } from '../../../src/release/read-blocks.ts';
import { hashFile } from '../../../src/tools/files/hash.ts';
import { listData } from '../../../src/tools/files/holes.ts';
import { createTestContext } from '../../helpers/context.ts';

test('what was written a moment ago is data, what never was is none', async (t) => {
  const { context, path } = await makeSparse(t);
  const data = await listData(context, path);
  // Where the file system knows no holes, all of it is one range.
  assert.ok(data !== undefined && data.length >= 1);
  for (const at of WRITTEN)
    assert.ok(
      data.some(({ start, end }) => start <= at && at < end),
      `${at}`,
    );
  const kind = (await context.exec(['stat', '--file-system', '--format=%T', path])).stdout.trim();
  if (['ext2/ext3', 'xfs', 'btrfs', 'tmpfs'].includes(kind)) assert.equal(data.length, WRITTEN.length);
  else t.diagnostic(`holes of ${kind} are not known here`);
});

test('a file without any data has none, nor has an empty one', async (t) => {
  const context = await createTestContext(t);
  for (const bytes of [0, 3 * BLOCK_BYTES + 1]) {
    const path = join(context.tmpDir, `${bytes}`);
    const file = await open(path, 'w');
    await file.truncate(bytes);
    await file.close();
    assert.equal((await readBlocks(context, path, [])).sha256, await hashFile(path));
  }
});

test('holes are read as the zeros they are, with Python and without', async (t) => {
  const { context, path } = await makeSparse(t);
  const expected = await hashFile(path);
  const without = {
    ...context,
    exec: async () => {
      throw new ToolMissingError('python3 is not installed');
    },
  } as unknown as typeof context;
  assert.equal(await listData(without, path), undefined);
  for (const [name, used] of [
    ['with', context],
    ['without', without],
  ] as const) {
    const seen: [number, number][] = [];
    const { sha256 } = await readBlocks(used, path, [
      (position, bytes) => {
        seen.push([position, bytes.filter((byte) => byte !== 0).length]);
      },
    ]);
    assert.equal(sha256, expected, name);
    assert.deepEqual(
      seen.filter(([, count]) => count > 0),
      [...new Set(WRITTEN.map((at) => Math.floor(at / BLOCK_BYTES)))].map((block) => [
        block * BLOCK_BYTES,
        WRITTEN.filter((at) => Math.floor(at / BLOCK_BYTES) === block).length,
      ]),
    );
  }
});

/** In the middle of a block, at a block's end, and as the last byte of a file whose last block is short. */
const WRITTEN = [
  BLOCK_BYTES + 5_000_000,
  4 * BLOCK_BYTES - 1,
  4 * BLOCK_BYTES + 70_000,
  7 * BLOCK_BYTES + 12_345,
];

async function makeSparse(t: TestContext) {
  const context = await createTestContext(t);
  const path = join(context.tmpDir, 'sparse');
  const file = await open(path, 'w');
  await file.truncate((WRITTEN.at(-1) as number) + 1);
  for (const at of WRITTEN) await file.write('x', at);
  await file.close();
  return { context, path };
}
