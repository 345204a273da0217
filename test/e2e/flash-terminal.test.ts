import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';
import { createTestContext } from '../helpers/context.ts';
import { type FakeLsblk, makeFakeLsblk } from '../helpers/fake-lsblk.ts';
import { makeImage } from '../helpers/image.ts';
import { attachLoop, loopsMissing } from '../helpers/loop.ts';
import { assertGoldenScreen, KEYS, openScreen, openWwanpi, type Screen } from '../helpers/screen.ts';

const MIB = 1024 * 1024;
const skip = loopsMissing() ?? false;

interface Bench {
  readonly folder: string;
  readonly device: string;
  readonly lsblk: FakeLsblk;
  readonly env: Record<string, string>;
  open(...args: string[]): Screen;
  readCard(): Promise<Buffer>;
  /** Golden screens have neither this folder nor the number of the loop device. */
  readonly replace: Readonly<Record<string, string>>;
}

/** An image of 42 MB and a card of 67 MB, which lsblk does not show yet. */
async function setUp(t: TestContext): Promise<Bench> {
  const context = await createTestContext(t);
  const folder = context.tmpDir;
  await makeImage(context, 'x.img', { root: { '/etc/noise': randomBytes(9 * MIB) } });
  const backing = join(folder, 'card');
  await writeFile(backing, Buffer.alloc(64 * MIB, 0xaa));
  const device = attachLoop(t, backing);
  const lsblk = makeFakeLsblk(folder);
  const env = { PATH: lsblk.path, XDG_CACHE_HOME: join(folder, 'cache') };
  return {
    ...{ folder, device, lsblk, env },
    open: (...args) => openWwanpi(t, ['flash', ...args], { cwd: folder, env }),
    readCard: async () => readFile(backing),
    replace: { [folder]: '/home/pi', [device]: '/dev/sdb', [basename(device)]: 'sdb' },
  };
}

/** The path of a loop device is longer than that of a card. */
function alignedTo(screen: Screen): string {
  return screen.text().replace(/^ +(?=now on it)/m, '            ');
}

async function assertUntouched(bench: Bench): Promise<void> {
  assert.ok(
    (await bench.readCard()).every((byte) => byte === 0xaa),
    'nothing was written',
  );
}

test('flash waits for a card, lists it, asks, writes, and says what to do next', { skip }, async (t) => {
  const bench = await setUp(t);
  const screen = bench.open('x.img');
  await screen.waitForText('plug the card in; Ctrl-C ends');
  await assertGoldenScreen('flash-waits', screen.text(), bench.replace);
  bench.lsblk.show(bench.device, { sizeBytes: 64 * MIB });
  await screen.waitForText(/Type its name to write to it/);
  await screen.waitForText(`(${basename(bench.device)}):`);
  await assertGoldenScreen('flash-asks', alignedTo(screen), bench.replace);
  screen.type(`${basename(bench.device)}\r`);
  assert.equal(await screen.exited(), 0, screen.history());
  await assertGoldenScreen('flash-ends', alignedTo(screen), bench.replace);
  const image = await readFile(join(bench.folder, 'x.img'));
  assert.ok((await bench.readCard()).subarray(0, image.length).equals(image));
});

test('a card that is too small is no card; Ctrl-C ends the wait', { skip }, async (t) => {
  const bench = await setUp(t);
  bench.lsblk.show(bench.device, { sizeBytes: 8 * MIB });
  const screen = bench.open('x.img');
  await screen.waitForText(/holds 8\.39 MB .* the image needs 41\.9 MB/s);
  await screen.waitForText('plug the card in');
  screen.type(KEYS.ctrlC);
  assert.equal(await screen.exited(), 130);
  await assertUntouched(bench);
});

test("the card's name, typed before the question, is no answer", { skip }, async (t) => {
  const bench = await setUp(t);
  bench.lsblk.show(bench.device, { sizeBytes: 64 * MIB });
  const gate = join(bench.folder, 'gate');
  bench.lsblk.waitFor(gate);
  const name = basename(bench.device);
  const screen = bench.open('x.img');
  await screen.waitForText('✓ Image');
  screen.type(`${name}\r${name}\r${name}`);
  await screen.waitForText(new RegExp(`${name}\n+${name}\n+${name}`));
  await writeFile(gate, '');
  await screen.waitForText(`(${name}):`);
  screen.type('\r');
  assert.equal(await screen.exited(), 2);
  assert.match(screen.history(), /"" is not in the list; nothing was written/);
  await assertUntouched(bench);
});

test('who may not write to the card is told the command that may, before any question', {
  skip,
}, async (t) => {
  const bench = await setUp(t);
  chmodSync(bench.folder, 0o755);
  bench.lsblk.show(bench.device, { sizeBytes: 64 * MIB });
  const cli = join(packageRoot, 'dist/src/cli.js');
  const argv = [
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    cli,
    'flash',
  ];
  const env = { ...bench.env, XDG_CACHE_HOME: '/nonexistent', HOME: '/nonexistent' };
  const screen = openScreen(t, [...argv, 'x.img', '--no-verify'], { cwd: bench.folder, env });
  assert.equal(await screen.exited(), 2);
  assert.match(
    screen.history(),
    /no permission to write to \/dev\/loop\d+\n→ sudo .*flash x\.img --no-verify$/,
  );
  await assertUntouched(bench);
});

test('an image is picked from a list, the newest by Enter', { skip }, async (t) => {
  const bench = await setUp(t);
  execFileSync('sh', ['-c', 'mkdir out && touch -d @1 out/old.img && cp x.img out/new.img'], {
    cwd: bench.folder,
  });
  bench.lsblk.show(bench.device, { sizeBytes: 64 * MIB });
  const screen = bench.open();
  await screen.waitForText('Number of the image [1]:');
  await assertGoldenScreen('flash-images', screen.text(), bench.replace);
  screen.type('\r');
  await screen.waitForText('image: out/new.img');
  await screen.waitForText(/\(loop\d+\):/);
  screen.type(KEYS.ctrlC);
  assert.equal(await screen.exited(), 130);
  await assertUntouched(bench);
});
