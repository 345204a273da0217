import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../src/core/errors.ts';
import { encodeXzHeader, encodeXzIndex, type XzBlock } from '../../../src/formats/release-files/xz.ts';
import { readXzIndex } from '../../../src/formats/release-files/xz-index.ts';
import {
  encodeStoredBlock,
  findStoredBlock,
  patchStoredBlock,
} from '../../../src/formats/release-files/xz-stored.ts';
import { createExec } from '../../../src/tools/exec.ts';
import { compressBlock } from '../../../src/tools/lzma.ts';

const exec = createExec({ signal: new AbortController().signal });
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
});
after(() => rm(folder, { recursive: true }));

const read = (file: Uint8Array) => async (offset: number, length: number) =>
  file.subarray(offset, offset + length);
const all = () => true;

test('xz unpacks stored Blocks of every length among compressed ones, and reads their place', async () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(8192, 65_535, 65_536));
  await fc.assert(
    fc.asyncProperty(length, fc.uint8Array({ minLength: 1, maxLength: 500 }), async (size, seed) => {
      const content = Buffer.alloc(size, seed);
      const file = await assemble([seed, content, seed], 1);
      const found = await findStoredBlock(file.length, read(file), all);
      assert.deepEqual(Buffer.from(found?.content ?? []), content);
      assert.equal(found?.imageOffsetBytes, seed.length);
      assert.deepEqual(await unpack(file), Buffer.concat([seed, content, seed]));
    }),
    { numRuns: 40 },
  );
});

test('a patched file has the bytes of one that was made with the new content', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 8192, maxLength: 8192 }),
      fc.uint8Array({ minLength: 8192, maxLength: 8192 }),
      async (before, after) => {
        const file = await assemble([Buffer.from('before'), before, Buffer.from('after')], 1);
        const block = await findStoredBlock(file.length, read(file), all);
        assert.ok(block !== undefined);
        const patch = patchStoredBlock(block, after);
        file.set(patch.bytes, patch.offsetBytes);
        assert.deepEqual(file, await assemble([Buffer.from('before'), after, Buffer.from('after')], 1));
        assert.equal(patch.bytes.length, 8192 + 1 + 8);
      },
    ),
    { numRuns: 50 },
  );
});

test('a write that is cut anywhere leaves a file that xz refuses, or the old or the new one', async () => {
  const before = Buffer.alloc(8192, 'apn=before\r\n');
  const after = Buffer.alloc(8192, 'apn=the-new-one\r\n');
  const old = await assemble([Buffer.from('a'), before, Buffer.from('b')], 1);
  const block = await findStoredBlock(old.length, read(old), all);
  assert.ok(block !== undefined);
  const patch = patchStoredBlock(block, after);
  for (const cut of [5, 500, 4096, 8191, 8192, 8193, 8200]) {
    const file = Buffer.from(old);
    file.set(patch.bytes.subarray(0, cut), patch.offsetBytes);
    await assert.rejects(unpack(file), `cut after ${cut} bytes`);
    await assert.rejects(findStoredBlock(file.length, read(file), all), InputError);
  }
});

test('a Block of the same size that is compressed is not taken for a stored one', async () => {
  const noise = Buffer.alloc(8192, 'x');
  const file = await assemble([noise, noise], undefined);
  assert.equal(await findStoredBlock(file.length, read(file), all), undefined);
});

test("xz's own files are read: CRC32, several Blocks; several Streams are refused", async () => {
  const path = join(folder, 'own');
  await writeFile(path, Buffer.alloc(300_000, 'text'));
  await exec(['xz', '--keep', '--force', '--check=crc32', '--block-size=100000', path]);
  const file = await readFile(`${path}.xz`);
  const { checkId, blocks } = await readXzIndex(file.length, read(file));
  assert.equal(checkId, 1);
  assert.deepEqual(
    blocks.map(({ imageOffsetBytes, imageBytes }) => [imageOffsetBytes, imageBytes]),
    [
      [0, 100_000],
      [100_000, 100_000],
      [200_000, 100_000],
    ],
  );
  const twice = Buffer.concat([file, file]);
  await assert.rejects(readXzIndex(twice.length, read(twice)), /several Streams/);
});

test('every damage of header, Index and footer is found', async () => {
  const file = await assemble([Buffer.from('abc'), Buffer.alloc(8192, 'x')], 1);
  const { blocks } = await readXzIndex(file.length, read(file));
  const last = blocks.at(-1);
  const indexAt = (last?.offsetBytes ?? 0) + (last?.unpaddedBytes ?? 0);
  for (let at = indexAt; at < file.length; at += 1) {
    const bad = Buffer.from(file);
    bad[at] = (bad[at] ?? 0) ^ 0x40;
    await assert.rejects(readXzIndex(bad.length, read(bad)), InputError, `byte ${at - indexAt} of the index`);
  }
  for (const length of [0, 5, 24, file.length - 1, file.length - 4]) {
    await assert.rejects(readXzIndex(length, read(file.subarray(0, length))), InputError);
  }
});

/** An .xz of the parts, the one at `stored` stored. */
async function assemble(parts: readonly Uint8Array[], stored: number | undefined): Promise<Buffer> {
  const blocks: Pick<XzBlock, 'unpaddedBytes' | 'uncompressedBytes'>[] = [];
  const bytes: Uint8Array[] = [encodeXzHeader()];
  for (const [index, part] of parts.entries()) {
    const block = index === stored ? encodeStoredBlock(part) : await compressBlock(Buffer.from(part), 6);
    blocks.push(block);
    bytes.push(block.bytes);
  }
  return Buffer.concat([...bytes, encodeXzIndex(blocks)]);
}

async function unpack(file: Uint8Array): Promise<Buffer> {
  const path = join(folder, 'file.xz');
  await writeFile(path, file);
  await exec(['xz', '--test', path]);
  await exec(['xz', '--decompress', '--force', '--keep', path]);
  return readFile(join(folder, 'file'));
}
