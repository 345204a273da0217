import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import lzma from 'lzma-native';
import type { Context } from '../../../src/core/context.ts';
import { InterruptedError, ToolMissingError } from '../../../src/core/errors.ts';
import type { Argv } from '../../../src/core/exec.ts';
import { silentReporter } from '../../../src/core/reporter.ts';
import { readXzIndex } from '../../../src/formats/release-files/xz-index.ts';
import { findStoredBlock } from '../../../src/formats/release-files/xz-stored.ts';
import type { CompressionFormat } from '../../../src/recipe/compression.ts';
import { BLOCK_BYTES } from '../../../src/recipe/compression.ts';
import { compressImage } from '../../../src/release/compress-image.ts';
import { readBlocks } from '../../../src/release/read-blocks.ts';
import { createExec } from '../../../src/tools/exec.ts';
import { hashFile } from '../../../src/tools/files/hash.ts';

const exec = createExec({ signal: new AbortController().signal });
const MIB = 1024 * 1024;

/** Every program and library at hand that reads an .xz, by how the plain bytes are got from it. */
const XZ_DECODERS: readonly (readonly [name: string, argv: (path: string) => Argv])[] = [
  ['xz, one thread', (path) => ['xz', '-d', '-c', '-T1', path]],
  ['xz, two threads', (path) => ['xz', '-d', '-c', '-T2', path]],
  ['bsdcat (libarchive, as in Raspberry Pi Imager)', (path) => ['bsdcat', path]],
  ['7z', (path) => ['7z', 'e', '-so', path]],
  [
    "Python's lzma",
    (path) => [
      'python3',
      '-c',
      'import lzma,shutil,sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)',
      path,
    ],
  ],
];

describe('a compressed image', () => {
  let folder = '';
  let image = '';
  let sha256 = '';
  let sizeBytes = 0;
  const getContext = (cache: string, signal = new AbortController().signal): Context => {
    const cacheDir = join(folder, cache);
    return { exec: createExec({ signal }), report: silentReporter, signal, cacheDir, tmpDir: folder };
  };
  const pack = (cache: string, name: string, format: CompressionFormat = 'xz', path = image) =>
    compressImage(getContext(cache), path, { format, level: 1, keepImage: true }, join(folder, name));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-pack-'));
    image = join(folder, 'a.img');
    // Noise, text, holes of whole blocks and of parts, and a last block that is short.
    const file = await open(image, 'w');
    await file.write(randomBytes(3 * MIB), 0, 3 * MIB, 1 * MIB);
    await file.write('all work and no play\n'.repeat(200_000), BLOCK_BYTES);
    await file.write(randomBytes(MIB), 0, MIB, 5 * BLOCK_BYTES - 4096);
    await file.truncate(5 * BLOCK_BYTES + 2 * MIB + 4096);
    await file.close();
    sizeBytes = (await stat(image)).size;
    sha256 = await hashFile(image);
    const { image: read, compressed } = await pack('cache', 'a.img.xz');
    assert.deepEqual(read, { sizeBytes, sha256 });
    assert.equal(compressed?.sizeBytes, (await stat(join(folder, 'a.img.xz'))).size);
    assert.equal(compressed?.sha256, await hashFile(join(folder, 'a.img.xz')));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [name, argv] of XZ_DECODERS) {
    test(`as .xz is read by ${name}`, async (t) => {
      const command = argv(join(folder, 'a.img.xz'));
      const plain = await exec(command).catch((error) => {
        if (!(error instanceof ToolMissingError)) throw error;
        return undefined;
      });
      if (plain === undefined) return t.skip(`${command[0]} is not installed`);
      assert.equal(plain.stdoutBytes.length, sizeBytes);
      assert.equal(createHash('sha256').update(plain.stdoutBytes).digest('hex'), sha256);
    });
  }

  test('as .xz is read by bsdtar, which wants an archive in it', async () => {
    const tar = join(folder, 'a.tar');
    await exec(['tar', '-c', '-f', tar, '-C', folder, 'a.img']);
    await pack('cache', 'a.tar.xz', 'xz', tar);
    const { stdoutBytes } = await exec(['bsdtar', '-x', '-O', '-f', join(folder, 'a.tar.xz'), 'a.img']);
    assert.equal(createHash('sha256').update(stdoutBytes).digest('hex'), sha256);
  });

  test('as .xz is read by liblzma through lzma-native, and its index by the same', async () => {
    const compressed = await readFile(join(folder, 'a.img.xz'));
    const decompress = lzma.decompress as unknown as (bytes: Buffer) => Promise<Buffer>;
    assert.equal(
      createHash('sha256')
        .update(await decompress(compressed))
        .digest('hex'),
      sha256,
    );
    const info = await new Promise<Record<string, number>>((resolve, reject) => {
      const file = {
        fileSize: compressed.length,
        read: (count: number, offset: number, done: (error: unknown, bytes: Buffer) => void) =>
          done(null, compressed.subarray(offset, offset + count)),
      };
      lzma.parseFileIndex(file as never, (error: unknown, found: unknown) =>
        error === null ? resolve(found as Record<string, number>) : reject(error),
      );
    });
    assert.equal(info.streams, 1);
    assert.equal(info.blocks, 6);
    assert.equal(info.uncompressedSize, sizeBytes);
  });

  test('as .xz passes xz -t, and is listed as one stream with the right sizes', async () => {
    const path = join(folder, 'a.img.xz');
    await exec(['xz', '-t', path]);
    const { stdout } = await exec(['xz', '--robot', '--list', path]);
    const totals =
      stdout
        .split('\n')
        .map((line) => line.split('\t'))
        .find(([kind]) => kind === 'file') ?? [];
    assert.deepEqual(totals.slice(1, 5), ['1', '6', String((await stat(path)).size), String(sizeBytes)]);
    assert.equal(totals[6], 'CRC64');
  });

  for (const [where, start, end, blocks] of [
    ['within a block', 2 * MIB, 2 * MIB + 8192, 8],
    ['at the beginning of a block', BLOCK_BYTES, BLOCK_BYTES + 8192, 7],
    ['at the end of a block', BLOCK_BYTES - 8192, BLOCK_BYTES, 7],
    ['over the edge of two', BLOCK_BYTES - 512, BLOCK_BYTES - 512 + 8192, 7],
    ['at the beginning of the image', 0, 8192, 7],
    ['at the end of the image', 5 * BLOCK_BYTES + 2 * MIB - 4096, 5 * BLOCK_BYTES + 2 * MIB + 4096, 7],
  ] as const) {
    test(`a part ${where} is stored in a Block of its own, and the others begin where they did`, async () => {
      const path = join(folder, 'stored.xz');
      const compression = { format: 'xz', level: 1, keepImage: true } as const;
      const result = await compressImage(getContext('cache'), image, compression, path, [], { start, end });
      assert.deepEqual(result.image, { sizeBytes, sha256 });
      await exec(['xz', '-t', path]);
      const { stdoutBytes } = await exec(['xz', '-d', '-c', path]);
      assert.equal(createHash('sha256').update(stdoutBytes).digest('hex'), sha256);
      const bytes = await readFile(path);
      const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
      const index = await readXzIndex(bytes.length, read);
      assert.equal(index.blocks.length, blocks);
      // So the cache has them.
      const edges = new Set(index.blocks.map(({ imageOffsetBytes }) => imageOffsetBytes));
      assert.deepEqual(
        [0, 1, 2, 3, 4, 5].filter(
          (each) => !edges.has(each * BLOCK_BYTES) && where !== 'over the edge of two',
        ),
        [],
      );
      const block = await findStoredBlock(bytes.length, read, () => true);
      assert.equal(block?.imageOffsetBytes, start);
      assert.deepEqual(Buffer.from(block?.content ?? []), Buffer.from(stdoutBytes.subarray(start, end)));
    });
  }

  test('as .zst is read by zstd and libarchive, and its frame says how large it is', async () => {
    const { compressed } = await pack('cache', 'a.img.zst', 'zstd');
    const path = join(folder, 'a.img.zst');
    assert.equal(compressed?.sha256, await hashFile(path));
    for (const argv of [
      ['zstd', '-d', '-c', path],
      ['bsdcat', path],
    ] as const) {
      const { stdoutBytes } = await exec(argv);
      assert.equal(createHash('sha256').update(stdoutBytes).digest('hex'), sha256, argv[0]);
    }
    const { stdout, stderr } = await exec(['zstd', '-l', '-v', path]);
    assert.match(stdout + stderr, new RegExp(`Decompressed Size: .*\\(${sizeBytes} B\\)`));
    assert.match(stdout + stderr, /Frames: 1\b/);
  });

  test('.zst comes out the same on one processor and on two', async () => {
    const argv = ['zstd', '-q', '-f', '--check', '--threads=2', '-1', '-o'] as const;
    await pack('cache', 'two.zst', 'zstd');
    await exec(['taskset', '-c', '0', ...argv, join(folder, 'one.zst'), image]);
    assert.equal(await hashFile(join(folder, 'one.zst')), await hashFile(join(folder, 'two.zst')));
  });

  test('.xz comes out the same from a cold cache, a warm one and one of another image', async () => {
    const first = await hashFile(join(folder, 'a.img.xz'));
    await pack('cache', 'warm.xz');
    await pack('cold', 'cold.xz');
    const other = join(folder, 'b.img');
    await copyFile(image, other);
    const file = await open(other, 'r+');
    await file.write('a difference', 2 * BLOCK_BYTES);
    await file.close();
    await pack('other', 'b.xz', 'xz', other);
    await pack('other', 'mixed.xz');
    for (const name of ['warm.xz', 'cold.xz', 'mixed.xz']) {
      assert.equal(await hashFile(join(folder, name)), first, name);
    }
    assert.notEqual(await hashFile(join(folder, 'b.xz')), first);
  });

  test('two at once in one process compress a block once', async () => {
    await Promise.all([pack('shared', 'p.xz'), pack('shared', 'q.xz')]);
    assert.equal(await hashFile(join(folder, 'p.xz')), await hashFile(join(folder, 'q.xz')));
    const names = await readdir(join(folder, 'shared/blocks'), { recursive: true, withFileTypes: true });
    // Five that differ: of the six, one block is a hole as another is.
    assert.equal(names.filter((entry) => entry.isFile()).length, 5);
  });

  test('an interrupt ends it, and a consumer that fails does, with all of them done', async () => {
    const abort = new AbortController();
    abort.abort();
    const compression = { format: 'xz', level: 1, keepImage: true } as const;
    const stopped = compressImage(getContext('new', abort.signal), image, compression, join(folder, 'x.xz'));
    await assert.rejects(stopped, InterruptedError);
    let pending = 0;
    const slow = async () => {
      pending += 1;
      await new Promise((done) => setTimeout(done, 20));
      pending -= 1;
    };
    const failing = (position: number) => {
      if (position === 2 * BLOCK_BYTES) throw new Error('no more');
    };
    await assert.rejects(readBlocks(getContext('new'), image, [slow, failing]), /no more/);
    assert.equal(pending, 0);
  });

  test('what is made of an image that only its owner can read is as private', async () => {
    const secret = join(folder, 'secret.img');
    await copyFile(image, secret);
    await chmod(secret, 0o600);
    await pack('secret', 'secret.xz', 'xz', secret);
    await pack('secret', 'secret.zst', 'zstd', secret);
    const blocks = await readdir(join(folder, 'secret/blocks'), { recursive: true, withFileTypes: true });
    const paths = blocks.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    assert.equal(paths.length, 5);
    for (const path of [...paths, join(folder, 'secret.xz'), join(folder, 'secret.zst')]) {
      assert.equal((await stat(path)).mode & 0o777, 0o600, path);
    }
  });

  test('an empty image is compressed too', async () => {
    const empty = join(folder, 'empty');
    await writeFile(empty, '');
    const { image: read } = await pack('cache', 'empty.xz', 'xz', empty);
    assert.equal(read.sizeBytes, 0);
    assert.equal((await exec(['xz', '-d', '-c', join(folder, 'empty.xz')])).stdoutBytes.length, 0);
  });
});
