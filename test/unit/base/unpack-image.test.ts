import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { assertRoom } from '../../../src/base/assert-room.ts';
import { findRawDisk, unpackImage } from '../../../src/base/unpack-image.ts';
import type { Context } from '../../../src/core/context.ts';
import { DiskError, InputError } from '../../../src/core/errors.ts';
import { formatBmap } from '../../../src/formats/release-files/bmap.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';

/** A megabyte that begins as a disk does; each its own. */
function makeDisk(fill: number): Buffer {
  const disk = Buffer.alloc(1 << 20, fill);
  disk.writeUInt16BE(0x55aa, 510);
  return disk;
}

async function write(context: Context, name: string, content: Uint8Array): Promise<string> {
  const path = join(context.tmpDir, name);
  await writeFile(path, content);
  return path;
}

async function makeZst(context: Context, disk: Buffer): Promise<string> {
  const path = await write(context, 'a.img', disk);
  await context.exec(['zstd', '-q', '-1', '--check', path]);
  return `${path}.zst`;
}

test('a raw image is its own disk, and nothing is cached', async (t) => {
  const context = await createTestContext(t);
  const path = await write(context, 'a.img', makeDisk(1));
  assert.equal(await findRawDisk(context, path), path);
  assert.equal((await unpackImage(context, path)).imgSha256, sha256Text(makeDisk(1)));
  await assert.rejects(stat(context.cacheDir), { code: 'ENOENT' });
});

test('an archive is unpacked once; a disk that has changed since is unpacked again', async (t) => {
  const context = await createTestContext(t);
  const archive = await makeZst(context, makeDisk(2));
  const disk = await findRawDisk(context, archive);
  assert.ok((await readFile(disk)).equals(makeDisk(2)), 'first');
  await utimes(disk, 1, 1);
  assert.equal(await findRawDisk(context, archive), disk);
  assert.equal((await stat(disk)).mtimeMs, 1000, 'the same file');
  await writeFile(disk, makeDisk(3));
  const third = await findRawDisk(context, archive);
  assert.ok((await readFile(third)).equals(makeDisk(2)), 'third');
});

test('what only its owner may read is unpacked for the owner only', async (t) => {
  const context = await createTestContext(t);
  const archive = await write(context, 'a.img.gz', gzipSync(makeDisk(4)));
  await chmod(archive, 0o600);
  assert.equal((await stat(await findRawDisk(context, archive))).mode & 0o777, 0o600);
});

test('a damaged or cut .img.zst is called so, and leaves nothing in the cache', async (t) => {
  const context = await createTestContext(t);
  const archive = await makeZst(context, makeDisk(5));
  const content = await readFile(archive);
  const flipped = Buffer.from(content);
  flipped[flipped.length - 2] = (flipped[flipped.length - 2] ?? 0) ^ 0xff;
  for (const broken of [content.subarray(0, content.length - 20), flipped]) {
    await writeFile(archive, broken);
    await assert.rejects(findRawDisk(context, archive), (error: Error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, /a\.img\.zst is damaged or cut short/);
      return true;
    });
  }
  assert.deepEqual(await readdir(join(context.cacheDir, 'unpacked/disks')), []);
});

test('the least recently used disks make room; one that may be in use stays', async (t) => {
  const context = await createTestContext(t);
  const limits = { maxBytes: 2.5 * (1 << 20), inUseMs: 0 };
  const entries: string[] = [];
  for (const fill of [6, 7, 8]) {
    const archive = await write(context, `${fill}.img.gz`, gzipSync(makeDisk(fill)));
    const entry = dirname((await unpackImage(context, archive)).diskPath);
    entries.push(entry);
    await utimes(entry, fill, fill);
  }
  const again = join(context.tmpDir, '6.img.gz');
  await unpackImage(context, again, { ...limits, inUseMs: 1e13 });
  const folder = dirname(entries[0] ?? '');
  assert.equal((await readdir(folder)).length, 3);
  await unpackImage(context, again, limits);
  const kept = (await readdir(folder)).map((name) => join(folder, name)).sort();
  assert.deepEqual(kept, [entries[0], entries[2]].sort());
});

test('a disk without room is refused before it is unpacked; holes that a block map lists need none', async (t) => {
  const context = await createTestContext(t);
  const path = join(context.tmpDir, 'a.img');
  // Petabytes, that no disk has room for: only the size in the header of the .zst matters here.
  const header = Buffer.alloc(64);
  header.writeUInt32LE(0xfd2fb528, 0);
  header.writeUInt8(0xe0, 4);
  header.writeBigUInt64LE(2n ** 49n, 5);
  await writeFile(`${path}.zst`, header);
  const archive = { archivePath: `${path}.zst`, format: 'zst' as const };
  await assert.rejects(assertRoom(context, context.tmpDir, archive), (error: Error) => {
    assert.ok(error instanceof DiskError, String(error));
    assert.match(error.message, /^no room to unpack .*a\.img\.zst: it needs 563 TB, and .* has /);
    return true;
  });
  const map = {
    imageSizeBytes: 2 ** 49,
    blockSizeBytes: 4096,
    ranges: [{ first: 0, last: 9, sha256: '0'.repeat(64) }],
  };
  await writeFile(`${path}.bmap`, formatBmap(map));
  await assertRoom(context, context.tmpDir, archive);
});
