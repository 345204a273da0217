import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { findBase } from '../../../src/base/bases.ts';
import { fetchBase } from '../../../src/base/fetch-base.ts';
import { fetchDownload } from '../../../src/base/fetch-download.ts';
import { unpackDisk } from '../../../src/base/unpack-disk.ts';
import type { Context } from '../../../src/core/context.ts';
import { InputError, NetworkError, VerificationError } from '../../../src/core/errors.ts';
import { detectFormat } from '../../../src/tools/archive.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';
import { serveBytes, startServer } from '../../helpers/http-server.ts';
import { PATIENCE_MS } from '../../helpers/wait-for.ts';
import { makeZip } from '../../helpers/zip.ts';

/** 24 MiB, nearly all zero: some data at the start, in the middle off any boundary, and at the odd end. */
function makeDisk(): Buffer {
  const disk = Buffer.alloc(24 * 1024 * 1024 + 777);
  randomBytes(5000).copy(disk, 0);
  disk.writeUInt16BE(0x55aa, 510);
  randomBytes(300_000).copy(disk, 9_000_001);
  randomBytes(10).copy(disk, disk.length - 10);
  return disk;
}
const DISK = makeDisk();

async function writeTemporary(context: Context, name: string, content: Uint8Array): Promise<string> {
  const path = join(context.tmpDir, name);
  await writeFile(path, content);
  return path;
}

async function makeXz(context: Context, path: string): Promise<Buffer> {
  return Buffer.from((await context.exec(['xz', '-1', '-c', path])).stdoutBytes);
}

async function assertDisk(path: string): Promise<void> {
  assert.ok(DISK.equals(await readFile(path)));
  const { blocks, size } = await stat(path);
  assert.equal(size, DISK.length);
  assert.ok(blocks * 512 < 2 * 1024 * 1024, `${blocks} blocks: the zeros should be holes`);
}

async function cachedDisks(context: Context): Promise<string[]> {
  return readdir(join(context.cacheDir, 'disks')).catch(() => []);
}

test('.zip, .img.xz and .img.gz become the same sparse disk; the second time it comes from the cache', async (t) => {
  const context = await createTestContext(t);
  const raw = await writeTemporary(context, 'raw.img', DISK);
  const archives = {
    'a.zip': makeZip({ 'notes.txt': Buffer.from('hi'), '2019.img': DISK }),
    'b.img.xz': await makeXz(context, raw),
    'c.img.gz': gzipSync(DISK),
  };
  for (const [name, content] of Object.entries(archives)) {
    const path = await writeTemporary(context, name, content);
    const base = await fetchBase(context, path);
    await assertDisk(base.diskPath);
    assert.equal(base.imgSha256, sha256Text(DISK));
    assert.deepEqual(base.input, { name, sha256: sha256Text(content), origin: name, pinned: false });
    const before = await stat(base.diskPath);
    assert.equal((await fetchBase(context, path)).diskPath, base.diskPath);
    assert.equal((await stat(base.diskPath)).mtimeMs, before.mtimeMs);
  }
});

test('a raw .img is used where it lies', async (t) => {
  const context = await createTestContext(t);
  const path = await writeTemporary(context, 'raw.img', DISK);
  const base = await fetchBase(context, path);
  assert.equal(base.diskPath, path);
  assert.equal(base.imgSha256, sha256Text(DISK));
});

test('an .xz of several streams is read to its end', async (t) => {
  const context = await createTestContext(t);
  const raw = await writeTemporary(context, 'part', DISK.subarray(0, 1000));
  const rest = await writeTemporary(context, 'rest', DISK.subarray(1000));
  const both = Buffer.concat([await makeXz(context, raw), await makeXz(context, rest)]);
  const base = await fetchBase(context, await writeTemporary(context, 'two.img.xz', both));
  await assertDisk(base.diskPath);
});

test('archives cut short or damaged are refused and leave nothing in the cache', async (t) => {
  const context = await createTestContext(t);
  const raw = await writeTemporary(context, 'raw.img', DISK);
  for (const [name, content] of Object.entries({
    'a.zip': makeZip({ '2019.img': DISK }),
    'b.img.xz': await makeXz(context, raw),
    'c.img.gz': gzipSync(DISK),
  })) {
    for (const damage of ['cut', 'flip'] as const) {
      const broken =
        damage === 'cut' ? content.subarray(0, Math.floor(content.length * 0.7)) : Buffer.from(content);
      if (damage === 'flip') broken[150_000] = (broken[150_000] ?? 0) ^ 0xff;
      const path = await writeTemporary(context, name, broken);
      await assert.rejects(fetchBase(context, path), InputError, `${name} ${damage}`);
    }
  }
  assert.deepEqual(await cachedDisks(context), []);
});

test('a zip must hold exactly one .img', async (t) => {
  const context = await createTestContext(t);
  const none = await writeTemporary(context, 'none.zip', makeZip({ 'a.txt': Buffer.from('x') }));
  await assert.rejects(fetchBase(context, none), /exactly one \.img, and has none/);
  const two = await writeTemporary(
    context,
    'two.zip',
    makeZip({ 'a.img': DISK.subarray(0, 600), 'b.img': DISK.subarray(0, 600) }),
  );
  await assert.rejects(fetchBase(context, two), /exactly one \.img, and has 2: a\.img, b\.img/);
});

test('an image of another size than known is refused, the larger one before it is written out', async (t) => {
  const context = await createTestContext(t);
  const archivePath = await writeTemporary(context, 'c.img.gz', gzipSync(DISK));
  const archive = { archivePath, format: 'gz' as const, sha256: 'x' };
  await assert.rejects(unpackDisk(context, { ...archive, imgBytes: 1_000_000 }), /larger than 1000000 bytes/);
  await assert.rejects(unpackDisk(context, { ...archive, imgBytes: DISK.length + 1 }), VerificationError);
  assert.deepEqual(await cachedDisks(context), []);
});

test('a file that is not an image is refused by its content, whatever its name', async (t) => {
  const context = await createTestContext(t);
  const page = await writeTemporary(context, 'page.img', Buffer.from('<!doctype html>'.repeat(100)));
  await assert.rejects(fetchBase(context, page), InputError);
  const empty = await writeTemporary(context, 'empty.zip', Buffer.alloc(0));
  await assert.rejects(fetchBase(context, empty), InputError);
  await assert.rejects(fetchBase(context, context.tmpDir), /is not a file/);
  await assert.rejects(fetchBase(context, 'raspbian-strech'), /neither a file nor one of raspbian-stretch,/);
  assert.equal(await detectFormat(await writeTemporary(context, 'zip.img', DISK)), 'img');
});

const QUICK = { attempts: 2, retryDelayMs: 5, idleTimeoutMs: PATIENCE_MS };

function rejectsWith(t: TestContext, type: new (...args: never[]) => Error, pattern: RegExp) {
  return (error: Error & { detail?: string; hint?: string }) => {
    t.diagnostic(error.message);
    assert.ok(error instanceof type, error.stack);
    assert.match([error.message, error.detail, error.hint].join('\n'), pattern);
    return true;
  };
}

test('a named base with the wrong hash is refused, deleted, and downloaded again', async (t) => {
  const context = await createTestContext(t);
  const { url, requests } = await startServer(t, (q, r) => serveBytes(q, r, Buffer.from('not the image')));
  for (const count of [1, 2]) {
    await assert.rejects(
      fetchBase(context, 'raspbian-stretch', { downloadsUrl: url, download: QUICK }),
      rejectsWith(t, VerificationError, /03ec326d45c6.* is pinned/),
    );
    assert.equal(requests.length, count);
  }
  assert.equal(
    requests[0]?.url,
    '/raspbian_lite/images/raspbian_lite-2019-04-09/2019-04-08-raspbian-stretch-lite.zip',
  );
  assert.deepEqual(await readdir(join(context.cacheDir, 'downloads')), []);
});

test('a named base out of reach names the URL and the two ways out', async (t) => {
  const context = await createTestContext(t);
  await assert.rejects(
    fetchBase(context, 'raspbian-stretch', { downloadsUrl: 'http://127.0.0.1:9/', download: QUICK }),
    rejectsWith(
      t,
      NetworkError,
      /http:\/\/127\.0\.0\.1:9\/raspbian_lite.*\n.*--base debian-bookworm.*--base FILE/,
    ),
  );
});

test('Raspberry Pi OS comes as .img.xz from its path on a server, once', async (t) => {
  const context = await createTestContext(t);
  const archive = await makeXz(context, await writeTemporary(context, 'raw.img', DISK));
  const named = findBase('raspios-trixie-2026-06-18');
  assert.ok(named?.kind === 'download');
  const base = { ...named, sha256: sha256Text(archive), imgBytes: DISK.length };
  const { url, requests } = await startServer(t, (request, response) => {
    if (request.url === `/mirror/${named.path}`) serveBytes(request, response, archive);
    else response.writeHead(404).end();
  });
  const options = { downloadsUrl: `${url}/mirror/`, download: QUICK };
  const disk = await fetchDownload(context, base, options);
  await assertDisk(disk.diskPath);
  assert.equal(disk.sha256, sha256Text(DISK));
  assert.equal((await fetchDownload(context, base, options)).diskPath, disk.diskPath);
  assert.equal(requests.length, 1);
});
