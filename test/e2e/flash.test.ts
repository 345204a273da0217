import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../src/core/context.ts';
import { hashFile } from '../../src/tools/files/hash.ts';
import { type CliOptions, type CliResult, runCli } from '../helpers/cli.ts';
import { createTestContext } from '../helpers/context.ts';
import { makeFakeLsblk } from '../helpers/fake-lsblk.ts';
import { makeImage } from '../helpers/image.ts';
import { attachLoop, loopsMissing } from '../helpers/loop.ts';
import { findProcesses } from '../helpers/processes.ts';
import { runOnTerminal, type TerminalResult } from '../helpers/pty.ts';

const MIB = 1024 * 1024;
const skip = loopsMissing() ?? false;

interface Bench {
  readonly context: Context;
  /** A small image with a FAT and an ext4 partition. */
  readonly image: string;
  readonly imageBytes: number;
  /** The file behind `device`, which held 0xAA all over. */
  readonly backing: string;
  readonly device: string;
  readonly run: (...args: string[]) => Promise<CliResult>;
}

async function setUp(t: TestContext, cardBytes = 64 * MIB, loopArgs: string[] = []): Promise<Bench> {
  const context = await createTestContext(t);
  await makeImage(context, 'x.img', { root: { '/etc/noise': randomBytes(9 * MIB) } });
  const image = join(context.tmpDir, 'x.img');
  const imageBytes = (await readFile(image)).length;
  const backing = join(context.tmpDir, 'card');
  await writeFile(backing, Buffer.alloc(cardBytes, 0xaa));
  const device = attachLoop(t, backing, { args: loopArgs });
  const options: CliOptions = { cwd: context.tmpDir, env: { XDG_CACHE_HOME: join(context.tmpDir, 'cache') } };
  return {
    context,
    image,
    imageBytes,
    backing,
    device,
    run: (...args) => runCli(['flash', ...args], options),
  };
}

async function assertHolds(bench: Bench): Promise<void> {
  const card = await readFile(bench.backing);
  assert.ok(
    card.subarray(0, bench.imageBytes).equals(await readFile(bench.image)),
    'the image is on the card',
  );
}

async function assertUntouched(bench: Bench): Promise<void> {
  assert.ok(
    (await readFile(bench.backing)).every((byte) => byte === 0xaa),
    'nothing was written',
  );
}

test('raw and compressed images are written to the device, and the root is clean there', {
  skip,
}, async (t) => {
  const bench = await setUp(t);
  await bench.context.exec(['xz', '-k', '-1', '--block-size=4MiB', bench.image]);
  await bench.context.exec(['zstd', '-q', '-1', bench.image]);
  await bench.context.exec(['gzip', '-k', '-1', bench.image]);
  await bench.context.exec(['zip', '-q', '-1', '-j', `${bench.image}.zip`, bench.image]);
  for (const suffix of ['', '.xz', '.zst', '.gz', '.zip']) {
    execFileSync('dd', [
      'if=/dev/zero',
      `of=${bench.device}`,
      'bs=1M',
      'count=64',
      'status=none',
      'conv=fsync',
    ]);
    const { exitCode, stdout, stderr } = await bench.run(`x.img${suffix}`, bench.device, '--force', '--yes');
    assert.equal(exitCode, 0, `${suffix}: ${stderr}`);
    assert.match(
      stdout,
      /^\nWrote 41\.9 MB to .*\nIt was read back and is identical .*\n.* is safe to remove\.\n\nNow put the card into the Pi, .*\n.*\n$/,
    );
    assert.match(stderr, /no SHA256SUMS beside it/);
    await assertHolds(bench);
  }
  // By another reader: the partition table as the kernel and sfdisk see it, and the file system on it.
  const { stdout } = await bench.context.exec(['sfdisk', '--json', bench.device]);
  const { partitiontable } = JSON.parse(stdout);
  assert.equal(partitiontable.id, '0x2ed5c94e');
  const offset = partitiontable.partitions[1].start * 512;
  const root = attachLoop(t, bench.backing, { args: [`--offset=${offset}`, `--sizelimit=${32 * MIB}`] });
  await bench.context.exec(['e2fsck', '-fn', root]);
});

test('the .bmap beside an image is used, and --no-bmap passes it over', { skip }, async (t) => {
  const bench = await setUp(t);
  await bench.context.exec(['bmaptool', 'create', '-o', join(bench.context.tmpDir, 'x.bmap'), bench.image]);
  await bench.context.exec(['xz', '-k', '-1', bench.image]);
  const first = await bench.run('x.img.xz', bench.device, '--force', '--yes');
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(first.stderr, /of it to write by x\.bmap/);
  const mapped = Number(/Wrote ([\d.]+) MB of 41\.9 MB/.exec(first.stdout)?.[1]);
  assert.ok(mapped > 9 && mapped < 30, first.stdout);
  // What bmaptool writes by the same map, on the same stale card, is byte for byte the same where it is mapped.
  const other = join(bench.context.tmpDir, 'other');
  await writeFile(other, Buffer.alloc(64 * MIB, 0xaa));
  await bench.context.exec(['bmaptool', 'copy', bench.image, attachLoop(t, other)]);
  execFileSync('sync');
  const [ours, theirs] = await Promise.all([readFile(bench.backing), readFile(other)]);
  const image = await readFile(bench.image);
  for (let at = 0; at < bench.imageBytes; at += 4096) {
    const block = (disk: Buffer) => disk.subarray(at, at + 4096);
    if (!block(theirs).equals(Buffer.alloc(4096, 0xaa)))
      assert.ok(block(ours).equals(block(theirs)), `at ${at}`);
    else assert.ok(block(ours).equals(block(theirs)) || block(ours).equals(block(image)), `at ${at}`);
  }
  const second = await bench.run('x.img.xz', bench.device, '--force', '--yes', '--no-bmap', '--no-verify');
  assert.match(second.stdout, /Wrote 41\.9 MB to .*\nIt was not read back\./);
  await assertHolds(bench);
});

test('what an image is not, or no longer is, comes to light', { skip }, async (t) => {
  const bench = await setUp(t);
  const to = [bench.device, '--force', '--yes'];
  const text = join(bench.context.tmpDir, 'text.img');
  await writeFile(text, 'x'.repeat(5000));
  assert.match((await refused(bench, 2, 'text.img', ...to)).stderr, /is not a disk image/);
  assert.match((await refused(bench, 2, 'gone.img', ...to)).stderr, /cannot read gone\.img: no such file/);
  assert.match((await refused(bench, 2, bench.device)).stderr, /is a device; the image comes first/);

  const sums = join(bench.context.tmpDir, 'SHA256SUMS');
  await writeFile(sums, `${'0'.repeat(64)}  x.img\n`);
  const wrong = await refused(bench, 5, 'x.img', ...to);
  assert.match(
    wrong.stderr,
    /x\.img is not the file that SHA256SUMS lists\nlisted: {2}0{64}\nis: {6}[0-9a-f]{64}\n/,
  );
  await writeFile(sums, `${await hashFile(bench.image)}  x.img\n`);

  await bench.context.exec(['xz', '-k', '-1', '--block-size=2MiB', bench.image]);
  const packed = await readFile(`${bench.image}.xz`);
  await writeFile(join(bench.context.tmpDir, 'cut.img.xz'), packed.subarray(0, packed.length - 5000));
  assert.match((await refused(bench, 2, 'cut.img.xz', ...to)).stderr, /cut\.img\.xz is damaged or cut short/);

  const bmap = join(bench.context.tmpDir, 'x.bmap');
  await bench.context.exec(['bmaptool', 'create', '-o', bmap, bench.image]);
  const map = await readFile(bmap, 'utf8');
  await writeFile(bmap, map.replace('<BlockSize>', '<BlockSize >'));
  assert.match((await refused(bench, 2, 'x.img', ...to)).stderr, /x\.bmap: .*changed.*\n→ --no-bmap/);
  assert.match((await refused(bench, 2, 'x.img', ...to, '--bmap', 'y')).stderr, /--bmap y: no such file/);
  await writeFile(bmap, map);
  const larger = join(bench.context.tmpDir, 'larger.img');
  await writeFile(larger, Buffer.concat([await readFile(bench.image), Buffer.alloc(512)]));
  const other = await refused(bench, 2, 'larger.img', ...to, '--bmap', 'x.bmap');
  assert.match(other.stderr, /is the map of another image/);

  const agreed = await bench.run('x.img', ...to);
  assert.equal(agreed.exitCode, 0, agreed.stderr);
  assert.match(agreed.stderr, /SHA256SUMS agrees/);
});

test('damage in the middle of a compressed image is found while writing, and the card does not boot', {
  skip,
}, async (t) => {
  const bench = await setUp(t);
  await bench.context.exec(['xz', '-1', '-k', '--block-size=2MiB', bench.image]);
  const packed = await readFile(`${bench.image}.xz`);
  const middle = Math.floor(packed.length * 0.6);
  packed[middle] = (packed[middle] ?? 0) ^ 0xff;
  await writeFile(`${bench.image}.xz`, packed);
  const { exitCode, stderr } = await bench.run('x.img.xz', bench.device, '--force', '--yes');
  assert.equal(exitCode, 5, stderr);
  assert.match(stderr, /is not usable: its old contents are lost[\s\S]*x\.img\.xz is damaged or cut short/);
  assert.equal((await readFile(bench.backing)).readUInt16BE(510), 0);
});

test('a damaged image is found by its block map', { skip }, async (t) => {
  const bench = await setUp(t);
  await bench.context.exec(['bmaptool', 'create', '-o', join(bench.context.tmpDir, 'x.bmap'), bench.image]);
  const image = await readFile(bench.image);
  const noise = image.indexOf(Buffer.from([0x53, 0xef]), 8 * MIB);
  image[noise] = 0;
  await writeFile(bench.image, image);
  const { exitCode, stderr } = await bench.run('x.img', bench.device, '--force', '--yes');
  assert.equal(exitCode, 5, stderr);
  assert.match(stderr, /does not match its block map: bytes \d+ to \d+ have another SHA-256/);
});

test('devices that must not be written to are refused, also with --force --yes', { skip }, async (t) => {
  const small = await setUp(t, 32 * MIB);
  const need = new RegExp(
    `holds 33\\.6 MB \\(${32 * MIB} bytes\\); the image needs .* \\(${small.imageBytes} bytes\\)`,
  );
  assert.match((await refused(small, 2, 'x.img', small.device, '--force', '--yes')).stderr, need);

  const bench = await setUp(t);
  assert.match(
    (await refused(bench, 2, 'x.img', bench.device, '--yes')).stderr,
    /is a loop device, not a card\n→ use --force to write to it anyway/,
  );
  assert.match(
    (await refused(bench, 2, 'x.img', bench.device, '--force')).stderr,
    new RegExp(
      `cannot ask whether to overwrite [\\s\\S]*→ .*wwanpi flash x\\.img ${bench.device} --force --yes`,
    ),
  );
  const locked = attachLoop(t, bench.backing, { args: ['--read-only'] });
  assert.match((await refused(bench, 2, 'x.img', locked, '--force', '--yes')).stderr, /is read-only/);
  assert.match((await refused(bench, 2, 'x.img', '/dev/sdzz', '--yes')).stderr, /\/dev\/sdzz does not exist/);
  assert.match((await refused(bench, 2, 'x.img', '/dev/null', '--force', '--yes')).stderr, /is not a disk/);
  assert.match(
    (await refused(bench, 2, 'x.img', 'card', '--yes')).stderr,
    /card is a file, not a device\n→ use --force to write to it/,
  );
  await refused(bench, 2, 'x.img', '--yes');
});

test('a file takes an image as a card does, with --force', { skip }, async (t) => {
  const bench = await setUp(t);
  const { exitCode, stdout, stderr } = await bench.run('x.img', 'card', '--force', '--yes');
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^\nWrote 41\.9 MB to .*\/card in .*\nIt was read back and is identical .*\n$/);
  await assertHolds(bench);
  await writeFile(join(bench.context.tmpDir, 'small'), 'x');
  const small = await bench.run('x.img', 'small', '--force', '--yes');
  assert.equal(small.exitCode, 2);
  assert.match(small.stderr, new RegExp(`small holds 1 B .*\\n→ truncate -s ${bench.imageBytes} `));
});

test('a mounted device is refused', { skip }, async (t) => {
  const bench = await setUp(t);
  const folder = join(bench.context.tmpDir, 'mnt');
  await mkdir(folder);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', bench.device]);
  // Read-only, or ext4 would write to it by itself.
  execFileSync('mount', ['-o', 'ro', bench.device, folder]);
  const before = await hashFile(bench.backing);
  try {
    const { exitCode, stderr } = await bench.run('x.img', bench.device, '--force', '--yes');
    assert.equal(exitCode, 2);
    assert.match(stderr, new RegExp(`${bench.device} is mounted at .*/mnt: sudo umount ${bench.device}`));
    assert.equal(await hashFile(bench.backing), before);
  } finally {
    execFileSync('umount', [folder]);
  }
});

test('a partition is refused, and its disk named', { skip }, async (t) => {
  const bench = await setUp(t);
  const parts = attachLoop(t, bench.image, { args: ['--partscan', '--read-only'] });
  // For kernels that read no partition tables; others have done so.
  execFileSync('partx', ['--update', parts]);
  const { exitCode, stderr } = await bench.run('x.img', `${parts}p1`, '--force', '--yes');
  assert.equal(exitCode, 2);
  assert.match(stderr, new RegExp(`${parts}p1 is a partition; an image is a whole disk: name ${parts} if`));
});

test('an ordinary user gets the error about permissions before any question', { skip }, async (t) => {
  const bench = await setUp(t);
  await chmod(bench.context.tmpDir, 0o755);
  const env = { XDG_CACHE_HOME: '/nonexistent', HOME: '/nonexistent' };
  const args = ['flash', bench.image, bench.device, '--force', '--yes'];
  const { exitCode, stderr } = await runCli(args, { uid: 65534, env });
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /no permission to write to \/dev\/loop\d+\n→ sudo .* flash /);
  await assertUntouched(bench);
});

test('Ctrl-C in the middle: exit code 130, and a card that says that it is half written', {
  skip,
}, async (t) => {
  const bench = await setUp(t);
  await bench.context.exec(['xz', '-1', '-k', bench.image]);
  // An xz that stops half way, so that the signal comes when the flash is under way, however fast the machine is.
  const bin = join(bench.context.tmpDir, 'bin');
  await mkdir(bin);
  const forever = `637000.${process.pid}`;
  const slow = `case "$*" in *--decompress*) ;; *) exec /usr/bin/xz "$@";; esac\n/usr/bin/xz "$@" | head -c 20000000\nexec sleep ${forever}\n`;
  await writeFile(join(bin, 'xz'), `#!/bin/sh\n${slow}`, { mode: 0o755 });
  let timer: NodeJS.Timeout | undefined;
  t.after(() => clearInterval(timer));
  const { exitCode, stderr } = await runCli(['flash', 'x.img.xz', bench.device, '--force', '--yes'], {
    cwd: bench.context.tmpDir,
    env: { PATH: `${bin}:${process.env.PATH ?? ''}`, XDG_CACHE_HOME: join(bench.context.tmpDir, 'cache') },
    onStderr: (_text, kill) => {
      timer ??= setInterval(() => {
        if (readHead(bench.device).readUInt16BE(510) !== 0) return;
        clearInterval(timer);
        kill('SIGINT');
      }, 50);
    },
  });
  assert.equal(exitCode, 130, stderr);
  assert.match(stderr, /is not usable: .*\n\nwwanpi: interrupted\n$/);
  assert.equal(readHead(bench.device).readUInt16BE(510), 0);
  assert.deepEqual(await findProcesses(`sleep\u0000${forever}`), []);
});

test('on a terminal the name has to be typed', { skip }, async (t) => {
  const bench = await setUp(t);
  const name = basename(bench.device);
  const answers: ReadonlyArray<readonly [typed: string, exitCode: number, says: RegExp]> = [
    ['loop\n', 2, /"loop" is not loop\d+; nothing was written/],
    ['y\n', 2, /"y" is not/],
    ['\u0003', 130, /interrupted; nothing was written/],
    ['\u0004', 130, /nothing was typed; nothing was written/],
  ];
  for (const [typed, exitCode, says] of answers) {
    const wrong = await onTerminal(bench, ['x.img', bench.device, '--force'], /to go on: $/, typed);
    assert.equal(wrong.exitCode, exitCode, wrong.screen);
    assert.match(wrong.screen, says);
    await assertUntouched(bench);
  }
  const right = await onTerminal(bench, ['x.img', bench.device, '--force'], /to go on: $/, `${name}\n`);
  assert.equal(right.exitCode, 0, right.screen);
  assert.match(right.screen, /\/dev\/loop\d+: no name, 67\.1 MB\r\n {4}now on it: /);
  assert.match(right.screen, /writing \/dev\/loop\d+ ▓/);
  await assertHolds(bench);
});

test('alone it lists the removable drives and asks for one', { skip }, async (t) => {
  const bench = await setUp(t);
  const env = await showAsRemovable(bench);
  const run = (...args: string[]) => runCli(['flash', ...args], { cwd: bench.context.tmpDir, env });
  const listed = await run('x.img');
  assert.equal(listed.exitCode, 2);
  assert.match(
    listed.stderr,
    new RegExp(
      `no device is named\n→ removable drives:\n {2}${bench.device} {2}Acme Card, 67\\.1 MB, usb\n[\\s\\S]*wwanpi flash x\\.img ${bench.device} --yes`,
    ),
  );
  assert.match((await run()).stderr, /no image is named, and there is none in out\//);
  await mkdir(join(bench.context.tmpDir, 'out'));
  for (const name of ['a.img', 'b.img']) {
    await copyFile(bench.image, join(bench.context.tmpDir, 'out', name));
  }
  assert.match(
    (await run()).stderr,
    /no image is named, and out\/ has 2:\n {2}b\.img\n {2}a\.img\n→ name one: /,
  );
  const wrong = await onTerminal(bench, ['x.img'], /write to it \(loop\d+\): $/, 'sda\n', env);
  assert.match(wrong.screen, /"sda" is not in the list; nothing was written/);
  await assertUntouched(bench);
  const asked: string[] = [];
  const chosen = await runOnTerminal(
    ['flash'],
    (screen) => {
      const [question, answer] =
        asked.length === 0
          ? [/Number of the image \[1\]: $/, '2\n']
          : [/\(loop\d+\): $/, `${bench.device}\n`];
      if (asked.length > 1 || !question.test(screen)) return undefined;
      asked.push(answer);
      return answer;
    },
    { cwd: bench.context.tmpDir, env },
  );
  assert.equal(chosen.exitCode, 0, chosen.screen);
  assert.match(chosen.screen, /Removable drives:\r\n {2}\/dev\/loop\d+ {2}Acme Card/);
  await assertHolds(bench);
});

test('a card changed for another while the question stands is not written to', { skip }, async (t) => {
  const bench = await setUp(t);
  const env = await showAsRemovable(bench);
  let asked = false;
  const { exitCode, screen } = await runOnTerminal(
    ['flash', 'x.img', bench.device],
    (text) => {
      if (asked || !/to go on: $/.test(text)) return undefined;
      asked = true;
      execFileSync('sed', ['-i', 's/Acme/Other/', join(bench.context.tmpDir, 'bin/lsblk')]);
      return `${basename(bench.device)}\n`;
    },
    { cwd: bench.context.tmpDir, env },
  );
  assert.equal(exitCode, 2, screen);
  assert.match(screen, /is another device now: Other Card, .*; it was Acme Card/);
  await assertUntouched(bench);
});

function readHead(device: string): Buffer {
  return execFileSync('head', ['--bytes=512', device]);
}

/** A refusal with that exit code, after which the device is as it was. */
async function refused(bench: Bench, exitCode: number, ...args: string[]): Promise<CliResult> {
  const result = await bench.run(...args);
  assert.equal(result.exitCode, exitCode, `${args.join(' ')}: ${result.stderr}`);
  assert.equal(result.stdout, '');
  await assertUntouched(bench);
  return result;
}

async function onTerminal(
  bench: Bench,
  args: readonly string[],
  question: RegExp,
  typed: string,
  env: Readonly<Record<string, string>> = { XDG_CACHE_HOME: join(bench.context.tmpDir, 'cache') },
): Promise<TerminalResult> {
  let isAsked = false;
  return runOnTerminal(
    ['flash', ...args],
    (screen) => {
      if (isAsked || !question.test(screen)) return undefined;
      isAsked = true;
      return typed;
    },
    { cwd: bench.context.tmpDir, env },
  );
}

/** The loop device, shown as a card in a reader. */
async function showAsRemovable({ context, device, backing }: Bench): Promise<Record<string, string>> {
  const lsblk = makeFakeLsblk(context.tmpDir);
  lsblk.show(device, { sizeBytes: (await readFile(backing)).length });
  return { PATH: lsblk.path, XDG_CACHE_HOME: join(context.tmpDir, 'cache') };
}
