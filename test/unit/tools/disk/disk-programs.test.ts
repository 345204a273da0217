import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../../src/core/context.ts';
import { ToolFailedError, VerificationError } from '../../../../src/core/errors.ts';
import type { Argv, ExecOptions } from '../../../../src/core/exec.ts';
import type { Disk } from '../../../../src/core/model.ts';
import { silentReporter } from '../../../../src/core/reporter.ts';
import { checkExt4, growExt4, writeExt4 } from '../../../../src/tools/disk/ext4.ts';
import { checkFat, fatSeconds, writeFat } from '../../../../src/tools/disk/fat.ts';

const BANNER = 'debugfs 1.47.0 (5-Feb-2023)\n';

test('debugfs: argv, clock and script; its complaints are failures', async (t) => {
  const { context, disk, calls, answer } = await fakeRun(t);
  answer.stderr = BANNER;
  const script = { text: 'cd "/"\n', files: [{ name: 'file-0', content: Buffer.from('x') }] };
  await writeExt4(context, disk, script, 77);
  assert.deepEqual(calls, [
    { argv: ['debugfs', '-w', '-f', 'script', 'disk.img?offset=1024'], env: { E2FSPROGS_FAKE_TIME: '77' } },
  ]);
  answer.stderr = `${BANNER}rm: File not found\n`;
  await assert.rejects(writeExt4(context, disk, script, 77), (error: ToolFailedError) => {
    assert.ok(error instanceof ToolFailedError);
    assert.equal(error.detail, 'rm: File not found');
    return true;
  });
});

test('an empty script runs nothing', async (t) => {
  const { context, disk, calls } = await fakeRun(t);
  await writeExt4(context, disk, { text: '', files: [] }, 77);
  assert.deepEqual(calls, []);
});

test('e2fsck, fsck.fat: argv; any error found is a VerificationError', async (t) => {
  const { context, disk, calls, answer } = await fakeRun(t);
  await checkExt4(context, disk);
  await checkFat(context, disk);
  assert.deepEqual(calls, [
    { argv: ['e2fsck', '-fn', 'disk.img?offset=1024'], env: { E2FSCK_TIME: '2147483647' } },
    { argv: ['fsck.fat', '-n', 'boot.fat'], env: undefined },
  ]);
  answer.exitCode = 4;
  answer.stdout = 'Inode 12 is bad\n';
  await assert.rejects(checkExt4(context, disk), { name: 'VerificationError', detail: 'Inode 12 is bad\n' });
  answer.exitCode = 1;
  await assert.rejects(checkFat(context, disk), VerificationError);
});

test('resize2fs: works on a copy, which comes back', async (t) => {
  const { context, disk, calls } = await fakeRun(t, async (folder) => {
    await writeFile(join(folder, 'root.ext4'), Buffer.alloc(512, 'R'));
  });
  await growExt4(context, disk, 9, 77);
  assert.deepEqual(calls, [
    { argv: ['resize2fs', '-f', 'root.ext4', '9'], env: { E2FSPROGS_FAKE_TIME: '77' } },
  ]);
  const bytes = await readFile(disk.path);
  assert.equal(bytes.toString('latin1'), `${'\0'.repeat(1024)}${'R'.repeat(512)}`);
});

test('mtools: argv, no user settings, a clock that FAT can hold', async (t) => {
  const { context, disk, calls } = await fakeRun(t);
  await writeFat(
    context,
    disk,
    [
      { kind: 'mkdir', path: '/a' },
      { kind: 'write', path: '/a/b c.txt', content: Buffer.from('x') },
      { kind: 'unlink', path: '/d' },
      { kind: 'rmdir', path: '/e' },
    ],
    77,
  );
  const env = { MTOOLSRC: '/dev/null', MTOOLS_SKIP_CHECK: '1', SOURCE_DATE_EPOCH: '315532800' };
  assert.deepEqual(calls, [
    { argv: ['mmd', '-i', 'disk.img@@512', '::/a'], env },
    { argv: ['mcopy', '-i', 'disk.img@@512', '-o', 'file', '::/a/b c.txt'], env },
    { argv: ['mdel', '-i', 'disk.img@@512', '::/d'], env },
    { argv: ['mrd', '-i', 'disk.img@@512', '::/e'], env },
  ]);
  assert.equal(fatSeconds(77), 315_532_800);
  assert.equal(fatSeconds(1_554_768_001), 1_554_768_000);
});

for (const name of ['a*', 'b?', 'c[1]', 'd:', 'e ', 'f.', ' g', 'h\n', 'ü', 'i\\j', '']) {
  test(`FAT cannot carry ${JSON.stringify(name)}`, async (t) => {
    const { context, disk } = await fakeRun(t);
    await assert.rejects(writeFat(context, disk, [{ kind: 'unlink', path: `/${name}` }], 5), {
      name: 'InputError',
    });
  });
}

interface Call {
  readonly argv: Argv;
  readonly env: Readonly<Record<string, string>> | undefined;
}

/** Programs that are only noted down, and a disk of three sectors: table, boot, root. */
async function fakeRun(t: TestContext, during: (folder: string) => Promise<void> = async () => undefined) {
  const tmpDir = await mkdtemp(join(tmpdir(), 'wwanpi-test-'));
  t.after(() => rm(tmpDir, { recursive: true }));
  const calls: Call[] = [];
  const answer = { exitCode: 0, stdout: '', stderr: '' };
  const exec = async (argv: Argv, options: ExecOptions = {}) => {
    calls.push({ argv, env: options.env });
    await during(options.cwd ?? '');
    return { ...answer, stdoutBytes: Buffer.from(answer.stdout) };
  };
  const context: Context = {
    exec,
    report: silentReporter,
    signal: new AbortController().signal,
    cacheDir: tmpDir,
    tmpDir,
  };
  const path = join(tmpDir, 'a.img');
  await writeFile(path, Buffer.alloc(1536));
  const disk: Disk = {
    path,
    layout: {
      diskId: '00000000',
      sizeBytes: 1536,
      boot: { number: 1, type: 0x0c, offsetBytes: 512, sizeBytes: 512 },
      root: { number: 2, type: 0x83, offsetBytes: 1024, sizeBytes: 512 },
    },
  };
  return { context, disk, calls, answer };
}
