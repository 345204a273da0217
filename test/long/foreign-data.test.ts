import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError, InputError } from '../../src/core/errors.ts';
import { openExt4 } from '../../src/formats/ext4/ext4-reader.ts';
import type { ReadBytes, TreeNode } from '../../src/formats/tree-reader.ts';
import { readArchive } from '../../src/tools/archive.ts';
import { createTestContext } from '../helpers/context.ts';

/*
 * Test data of other projects, under licences that keep it out of this repository: checkouts of theirs, named by
 * variables. `WWANPI_E2FSPROGS=~/e2fsprogs WWANPI_XZ=~/xz node --import tsx --test test/long/foreign-data.test.ts`
 */
const { WWANPI_E2FSPROGS: e2fsprogs, WWANPI_XZ: xz } = process.env;

test('e2fsprogs’ broken and odd file systems end with a value or an AppError', {
  skip: e2fsprogs === undefined && 'WWANPI_E2FSPROGS names no checkout of e2fsprogs',
}, async (t) => {
  const tests = join(e2fsprogs ?? '', 'tests');
  const counts = { read: 0, refused: 0, files: 0 };
  for (const name of (await readdir(tests)).sort()) {
    const packed = await readFile(join(tests, name, 'image.gz')).catch(() => undefined);
    if (packed === undefined || packed.length === 0) continue;
    const volume = await promisify(gunzip)(packed);
    try {
      const opened = await openExt4(getReader(volume));
      await opened.listUsed();
      counts.files += await countFiles(opened.root);
      counts.read += 1;
    } catch (error) {
      assert.ok(error instanceof AppError, `${name}: ${(error as Error).stack}`);
      counts.refused += 1;
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.read > 50 && counts.refused > 20, JSON.stringify(counts));
});

test('xz’ sound files are read, and its bad ones refused', {
  skip: xz === undefined && 'WWANPI_XZ names no checkout of xz',
}, async (t) => {
  const { signal, tmpDir } = await createTestContext(t);
  const folder = join(xz ?? '', 'tests/files');
  const names = (await readdir(folder)).filter((name) => /^(?:good|bad)-.*\.xz$/.test(name));
  assert.ok(names.length > 40, `${names.length}`);
  for (const name of names) {
    const path = join(tmpDir, 'file.xz');
    await writeFile(path, await readFile(join(folder, name)));
    const read = readArchive(
      path,
      'xz',
      async (disk) => {
        for await (const chunk of disk) assert.ok(chunk);
      },
      { signal },
    );
    // liblzma 5.2 lacks this filter; then it is said that the file is packed another way.
    if (name.startsWith('bad-') || name.includes('arm64')) await assert.rejects(read, AppError, name);
    else await assert.doesNotReject(read, name);
  }
});

async function countFiles(node: TreeNode): Promise<number> {
  await node.xattrs();
  if (node.kind === 'symlink') await node.readLink();
  if (node.kind === 'file') await node.read(1024 * 1024);
  if (node.kind !== 'directory') return 1;
  let count = 0;
  for (const child of await node.children()) count += await countFiles(await child.open());
  return count;
}

function getReader(volume: Buffer): ReadBytes {
  return async (offset, length) => {
    if (offset + length > volume.length) throw new InputError('beyond the end');
    return Uint8Array.prototype.slice.call(volume, offset, offset + length);
  };
}
