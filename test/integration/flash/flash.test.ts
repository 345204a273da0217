import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, truncateSync, writeSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { DeviceError, InputError, InterruptedError, VerificationError } from '../../../src/core/errors.ts';
import type { Argv } from '../../../src/core/exec.ts';
import type { Reporter } from '../../../src/core/reporter.ts';
import { checkChecksum } from '../../../src/flash/find-sidecar-files.ts';
import { type FlashReport, flashImage } from '../../../src/flash/flash-image.ts';
import { detectImageFormat, openImage } from '../../../src/flash/open-image.ts';
import type { Bmap } from '../../../src/formats/release-files/bmap.ts';
import { parseBmap } from '../../../src/formats/release-files/bmap.ts';
import { openTarget } from '../../../src/tools/disk/block-device.ts';
import { hashFile, hashPrefix } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';
import { attachLoop, loopsMissing } from '../../helpers/loop.ts';
import { makeZip } from '../../helpers/zip.ts';

const MIB = 1024 * 1024;
const IMAGE_BYTES = 40 * MIB + 3 * 512;
const skip = loopsMissing() ?? false;

/** 40 MiB of noise with holes of 12 MiB, and the boot signature. */
function makeDisk(): Buffer {
  const disk = randomBytes(IMAGE_BYTES);
  disk.fill(0, 6 * MIB, 18 * MIB);
  disk.writeUInt16BE(0x55aa, 510);
  return disk;
}
const DISK = makeDisk();

/** What a test does when the flash comes to a place. */
interface Hooks {
  readonly onWrite?: (doneBytes: number) => void;
  readonly onReadBack?: () => void;
}

interface Bench {
  readonly context: Context;
  readonly warnings: string[];
  readonly imagePath: string;
  readonly flash: (targetPath: string, bmap?: Bmap) => Promise<FlashReport>;
}

async function setUp(t: TestContext, hooks: Hooks = {}): Promise<Bench> {
  const plain = await createTestContext(t);
  const warnings: string[] = [];
  const report: Reporter = {
    ...plain.report,
    warn: (message) => warnings.push(message),
    progress: (title) => {
      const isWriting = title.startsWith('writing');
      if (!isWriting) hooks.onReadBack?.();
      return { update: (bytes) => (isWriting ? hooks.onWrite?.(bytes) : undefined), done: () => undefined };
    },
  };
  const context = { ...plain, report };
  const imagePath = join(context.tmpDir, 'x.img');
  await writeFile(imagePath, DISK);
  const image = { path: imagePath, format: 'img', fileBytes: IMAGE_BYTES, diskBytes: IMAGE_BYTES } as const;
  return {
    context,
    warnings,
    imagePath,
    flash: (targetPath, bmap) => flashImage(context, { image, bmap, targetPath, verify: true }),
  };
}

/** The card's backing file, filled with what was on it before. */
async function makeCard(
  t: TestContext,
  context: Context,
  sizeBytes = 64 * MIB,
): Promise<{ device: string; backing: string }> {
  const backing = join(context.tmpDir, 'card');
  await writeFile(backing, Buffer.alloc(sizeBytes, 0xaa));
  return { device: attachLoop(t, backing), backing };
}

/** A partly written card has no partition table, and the user was warned. */
function assertUnusable(bench: Bench, backing: string, device: string): void {
  const sector = Buffer.alloc(512, 1);
  const file = openSync(backing, 'r');
  readSync(file, sector, 0, 512, 0);
  closeSync(file);
  assert.equal(sector.readUInt16BE(510), 0, 'no boot signature');
  assert.deepEqual(bench.warnings.length, 1);
  assert.match(bench.warnings[0] ?? '', new RegExp(`^${device} is not usable: .*flash it again`));
}

test('without a map every byte is written, zeros too; what lies beyond stays', { skip }, async (t) => {
  const bench = await setUp(t);
  const { device, backing } = await makeCard(t, bench.context);
  const report = await bench.flash(device);
  assert.equal(report.writtenBytes, IMAGE_BYTES);
  assert.equal(report.imageBytes, IMAGE_BYTES);
  const card = await readFile(backing);
  assert.ok(card.subarray(0, IMAGE_BYTES).equals(DISK));
  assert.ok(card.subarray(IMAGE_BYTES).equals(Buffer.alloc(card.length - IMAGE_BYTES, 0xaa)));
  assert.deepEqual(bench.warnings, []);
});

test("by bmaptool's map only what it maps is written", { skip }, async (t) => {
  const bench = await setUp(t);
  const { device, backing } = await makeCard(t, bench.context);
  // cp makes the holes that bmaptool takes for unmapped.
  const sparse = join(bench.context.tmpDir, 'sparse.img');
  await bench.context.exec(['cp', '--sparse=always', bench.imagePath, sparse]);
  const { stdout } = await bench.context.exec(['bmaptool', 'create', sparse]);
  const report = await bench.flash(device, parseBmap(stdout));
  assert.ok(report.writtenBytes < IMAGE_BYTES - 11 * MIB, `${report.writtenBytes} bytes`);
  const card = await readFile(backing);
  const expected = Buffer.from(DISK);
  expected.fill(0xaa, 6 * MIB, 18 * MIB);
  assert.ok(card.subarray(0, IMAGE_BYTES).equals(expected));
});

test('a mapped byte that is not what it was when the map was made stops the flash', { skip }, async (t) => {
  const bench = await setUp(t);
  const { device, backing } = await makeCard(t, bench.context);
  const { stdout } = await bench.context.exec(['bmaptool', 'create', bench.imagePath]);
  const damaged = Buffer.from(DISK);
  damaged[30 * MIB] = (damaged[30 * MIB] ?? 0) ^ 0x10;
  await writeFile(bench.imagePath, damaged);
  await assert.rejects(bench.flash(device, parseBmap(stdout)), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /does not match its block map/);
    return true;
  });
  assertUnusable(bench, backing, device);
});

test('a card that does not keep what it was given is found by reading it back, past the cache', {
  skip,
}, async (t) => {
  let backing = '';
  let device = '';
  const bench = await setUp(t, {
    onReadBack: () => {
      // The page cache of the device is full of what should be there.
      execFileSync('dd', [`if=${device}`, 'of=/dev/null', 'bs=1M', 'status=none']);
      const file = openSync(backing, 'r+');
      writeSync(file, Buffer.alloc(1), 0, 1, 33 * MIB);
      closeSync(file);
    },
  });
  ({ device, backing } = await makeCard(t, bench.context));
  await assert.rejects(bench.flash(device), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.match(
      error.message,
      /returned other data than was written, .* from 33\.6 MB on \(byte 33554432\)/,
    );
    return true;
  });
  assertUnusable(bench, backing, device);
});

test('a device that ends early: a fake capacity, or pulled out', { skip }, async (t) => {
  let card = { device: '', backing: '' };
  let isCut = false;
  const bench = await setUp(t, {
    onWrite: (doneBytes) => {
      if (isCut || doneBytes < 12 * MIB) return;
      isCut = true;
      truncateSync(card.backing, 24 * MIB);
      execFileSync('losetup', ['--set-capacity', card.device]);
    },
  });
  card = await makeCard(t, bench.context);
  await assert.rejects(bench.flash(card.device), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.equal(error.exitCode, 4);
    assert.match(
      error.message,
      /ended at 25\.2 MB \(byte 25165824\) of the 67\.1 MB it claims: a fake capacity/,
    );
    return true;
  });
  assertUnusable(bench, card.backing, card.device);
});

test('a device whose writes fail for want of room behind it', { skip }, async (t) => {
  const bench = await setUp(t);
  const backing = join(mountSmall(t), 'card');
  const device = attachLoop(t, backing, { sizeBytes: 64 * MIB });
  await assert.rejects(bench.flash(device), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /ended at|cannot write to .*: input\/output error/);
    return true;
  });
  assertUnusable(bench, backing, device);
});

test('a file on a disk that is full', { skip }, async (t) => {
  const bench = await setUp(t);
  const path = join(mountSmall(t), 'card.img');
  await writeFile(path, '');
  truncateSync(path, 64 * MIB);
  await assert.rejects(bench.flash(path), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /cannot write to .* at 21 MB .* no space left on the disk it is on/);
    return true;
  });
  assertUnusable(bench, path, path);
});

test('an I/O error in the middle, from a disk below the device that lost its end', { skip }, async (t) => {
  const bench = await setUp(t);
  const disk = join(bench.context.tmpDir, 'disk');
  const below = attachLoop(t, disk, { sizeBytes: 100 * MIB });
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', below]);
  const folder = mkdtempSync(join(tmpdir(), 'wwanpi-below-'));
  execFileSync('mount', [below, folder]);
  t.after(() => {
    execFileSync('umount', ['--lazy', folder]);
    rmdirSync(folder);
  });
  const backing = join(folder, 'card');
  await writeFile(backing, Buffer.alloc(64 * MIB, 0xaa), { flush: true });
  const device = attachLoop(t, backing, { args: ['--direct-io=on'] });
  truncateSync(disk, 40 * MIB);
  execFileSync('losetup', ['--set-capacity', below]);
  await assert.rejects(bench.flash(device), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /cannot write to .* at [\d.]+ MB \(byte [1-9]\d+\): input\/output error/);
    assert.match(error.hint ?? '', /another card/);
    return true;
  });
  assertUnusable(bench, backing, device);
});

test('an I/O error in the middle, from device-mapper, names the very place', {
  skip: skip || deviceMapperMissing(),
}, async (t) => {
  const bench = await setUp(t);
  const { device: loop, backing } = await makeCard(t, bench.context);
  const name = `wwanpi-test-${process.pid}`;
  const good = (28 * MIB) / 512;
  const table = [
    `0 ${good} linear ${loop} 0`,
    `${good} 8 error`,
    `${good + 8} ${(64 * MIB) / 512 - good - 8} linear ${loop} ${good + 8}`,
  ];
  execFileSync('dmsetup', ['create', name], { input: `${table.join('\n')}\n` });
  t.after(() => execFileSync('dmsetup', ['remove', name]));
  const device = `/dev/mapper/${name}`;
  await assert.rejects(bench.flash(device), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /cannot write to .* at 29\.4 MB \(byte 29360128\): input\/output error/);
    return true;
  });
  assertUnusable(bench, backing, device);
});

test('an interrupted flash leaves a card that does not boot', { skip }, async (t) => {
  const abort = new AbortController();
  const bench = await setUp(t, {
    onWrite: (doneBytes) => (doneBytes > 16 * MIB ? abort.abort() : undefined),
  });
  const { device, backing } = await makeCard(t, bench.context);
  const image = {
    path: bench.imagePath,
    format: 'img',
    fileBytes: IMAGE_BYTES,
    diskBytes: IMAGE_BYTES,
  } as const;
  const context = { ...bench.context, signal: abort.signal };
  const job = { image, bmap: undefined, targetPath: device, verify: true };
  await assert.rejects(flashImage(context, job), InterruptedError);
  assertUnusable(bench, backing, device);
  assert.equal((await readFile(backing))[39 * MIB], 0xaa, 'the rest was not reached');
});

test('an image whose size shows only on decompression is refused at the end of the device', {
  skip,
}, async (t) => {
  const bench = await setUp(t);
  const { device, backing } = await makeCard(t, bench.context, 32 * MIB);
  await bench.context.exec(['gzip', '-1', bench.imagePath]);
  const image = { path: `${bench.imagePath}.gz`, format: 'gz', fileBytes: 0, diskBytes: undefined } as const;
  const job = { image, bmap: undefined, targetPath: device, verify: true };
  await assert.rejects(flashImage(bench.context, job), /the image is larger than .* which holds 33\.6 MB/);
  assertUnusable(bench, backing, device);
});

test('an archive without a disk image is refused before anything is written', { skip }, async (t) => {
  const bench = await setUp(t);
  const { device, backing } = await makeCard(t, bench.context);
  await writeFile(bench.imagePath, Buffer.alloc(10 * MIB, 'no disk'));
  await bench.context.exec(['xz', '-0', bench.imagePath]);
  const image = { path: `${bench.imagePath}.xz`, format: 'xz', fileBytes: 0, diskBytes: 10 * MIB } as const;
  await assert.rejects(
    flashImage(bench.context, { image, bmap: undefined, targetPath: device, verify: true }),
    InputError,
  );
  assert.ok((await readFile(backing)).every((byte) => byte === 0xaa));
  assert.deepEqual(bench.warnings, []);
});

test('a device that something else holds is not opened', { skip }, async (t) => {
  const bench = await setUp(t);
  const { device } = await makeCard(t, bench.context);
  const holder = await openTarget(device);
  t.after(() => holder.file.close());
  await assert.rejects(bench.flash(device), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /is in use/);
    return true;
  });
});

test('a file is written as a card is, and does not grow', async (t) => {
  const bench = await setUp(t);
  const path = join(bench.context.tmpDir, 'file');
  await writeFile(path, Buffer.alloc(IMAGE_BYTES, 0xaa));
  await bench.flash(path);
  assert.ok((await readFile(path)).equals(DISK));
});

/** A file system of 20 MiB, gone when the test ends. */
function mountSmall(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wwanpi-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', folder]);
  // Hooks run in the order they are given: a loop device may still hold its file.
  t.after(() => {
    execFileSync('umount', ['--lazy', folder]);
    rmdirSync(folder);
  });
  return folder;
}

function deviceMapperMissing(): string | false {
  try {
    execFileSync('dmsetup', ['version'], { stdio: 'pipe' });
    return false;
  } catch {
    return 'needs device-mapper, which this kernel lacks';
  }
}

/** A file stands for the card here: no loop device is needed. */
async function makeCardFile(context: Context): Promise<string> {
  const path = join(context.tmpDir, 'card.img');
  await writeFile(path, Buffer.alloc(8 * MIB, 0xaa));
  return path;
}

for (const [format, program] of [
  ['xz', ['xz', '-c']],
  ['gz', ['gzip', '-c']],
  ['zst', ['zstd', '-q', '-c']],
  ['zip', undefined],
] as const) {
  test(`an .img.${format} of nothing is refused, and the card keeps what it had`, async (t) => {
    const { context, warnings } = await setUp(t);
    const targetPath = await makeCardFile(context);
    const path = join(context.tmpDir, `empty.${format}`);
    const empty = join(context.tmpDir, 'empty.img');
    await writeFile(empty, '');
    if (program === undefined) await writeFile(path, makeZip({ 'empty.img': Buffer.alloc(0) }));
    else await context.exec([...program, empty] as unknown as Argv, { stdoutFile: path });
    const image = await openImage(context.exec, path, await detectImageFormat(path));
    await assert.rejects(
      flashImage(context, { image, bmap: undefined, targetPath, verify: true }),
      (error) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, /^the image is empty/);
        return true;
      },
    );
    assert.ok((await readFile(targetPath)).every((byte) => byte === 0xaa));
    assert.deepEqual(warnings, []);
  });
}

test('a block map without the first sector, or of nothing, is refused before anything is written', async (t) => {
  const bench = await setUp(t);
  const targetPath = join(bench.context.tmpDir, 'card.img');
  await writeFile(targetPath, Buffer.alloc(64 * MIB, 0xaa));
  const sha256 = createHash('sha256').update(DISK.subarray(4096, 8192)).digest('hex');
  const bmap = { imageSizeBytes: IMAGE_BYTES, blockSizeBytes: 4096, ranges: [{ first: 1, last: 1, sha256 }] };
  await assert.rejects(bench.flash(targetPath, bmap as Bmap), /leaves out the first sector/);
  await assert.rejects(bench.flash(targetPath, { ...bmap, ranges: [] } as Bmap), /the image is empty/);
  assert.ok((await readFile(targetPath)).every((byte) => byte === 0xaa));
  assert.deepEqual(bench.warnings, []);
});

test('Ctrl-C while the image is hashed is an interruption, not a bug', async (t) => {
  const { context, imagePath } = await setUp(t);
  await writeFile(`${imagePath}.sha256`, `${'0'.repeat(64)}  ${basename(imagePath)}\n`);
  await assert.rejects(checkChecksum(imagePath, AbortSignal.abort()), InterruptedError);
  await assert.rejects(hashPrefix(imagePath, 4096, AbortSignal.abort()), InterruptedError);
  const abort = new AbortController();
  const hashing = hashFile(imagePath, abort.signal, () => abort.abort());
  await assert.rejects(hashing, InterruptedError);
  assert.equal(await hashPrefix(imagePath, 0, context.signal), createHash('sha256').digest('hex'));
  assert.equal(
    await hashPrefix(imagePath, 512, context.signal),
    createHash('sha256').update(DISK.subarray(0, 512)).digest('hex'),
  );
});
