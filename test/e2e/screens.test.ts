import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTestContext } from '../helpers/context.ts';
import { makeImage } from '../helpers/image.ts';
import { makeRelease } from '../helpers/release-folder.ts';
import { assertGoldenScreen, KEYS, keepTmpdirShort, openWwanpi, type Screen } from '../helpers/screen.ts';
import { sshServerLack, startSshServer } from '../helpers/ssh-server.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';

/** Whole screens of the commands that take seconds; those of a build, a fleet and a boot are in their own tests. */

keepTmpdirShort();

const MIB = 1024 * 1024;
const skip = sshServerLack() ?? false;

interface Publishing {
  readonly screen: Screen;
  /** Compares the screen, with what differs from run to run replaced. */
  assertGolden(name: string): Promise<void>;
}

/** Publishes a release on a screen, over a proxy that stalls after so many bytes. */
async function openPublish(t: TestContext, bytes: number, stallAfterBytes: number): Promise<Publishing> {
  const server = await startSshServer(t);
  const release = await makeRelease(t, { 'a.img.xz': bytes, 'a.bmap': 'map' });
  const { port } = await startProxy(t, server.port, { stallAfterBytes });
  const home = join(server.folder, 'home');
  await mkdir(join(home, '.ssh'), { recursive: true });
  const known = (await readFile(server.knownHosts, 'utf8')).replaceAll(/^\S+/gm, `[127.0.0.1]:${port}`);
  await writeFile(join(home, '.ssh/known_hosts'), known);
  const config = { Host: 'web', HostName: '127.0.0.1', Port: port, User: server.user };
  const lines = Object.entries({ ...config, IdentityFile: server.identity }).map((words) => words.join(' '));
  await writeFile(join(home, '.ssh/config'), `${lines.join('\n')}\n`);
  const env = { HOME: home, XDG_CACHE_HOME: '', SSH_AUTH_SOCK: '' };
  const screen = openWwanpi(t, ['publish', release, `web:${server.target}`], { env });
  return {
    screen,
    assertGolden: async (name) => {
      const text = screen
        .history()
        .replaceAll(/SHA256:\S+/g, 'KEY')
        .replaceAll(`${server.user}@127.0.0.1:${port}`, 'USER@127.0.0.1:PORT')
        // Only where it took some time.
        .replaceAll(/, \S+ \S?B\/s/g, '');
      await assertGoldenScreen(name, text, { [server.folder]: '/tmp/sshd-XXXXXX' });
    },
  };
}

test('publish: each step once, and no bar is left', { skip }, async (t) => {
  const { screen, assertGolden } = await openPublish(t, 300_000, Number.POSITIVE_INFINITY);
  assert.equal(await screen.exited(), 0, screen.history());
  await assertGolden('publish');
});

test('publish: Ctrl-C while it sends', { skip }, async (t) => {
  const { screen, assertGolden } = await openPublish(t, 3_000_000, 1_000_000);
  await screen.waitForText('… Send');
  screen.type(KEYS.ctrlC);
  assert.equal(await screen.exited(), 130, screen.history());
  await assertGolden('publish-interrupted');
});

async function setUpFlash(t: TestContext): Promise<{ folder: string; open(...args: string[]): Screen }> {
  const { tmpDir: folder, ...context } = await createTestContext(t);
  await makeImage({ ...context, tmpDir: folder }, 'x.img', { root: { '/etc/noise': 'a file' } });
  await writeFile(join(folder, 'card'), Buffer.alloc(64 * MIB, 0xaa));
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  return { folder, open: (...args) => openWwanpi(t, args, { cwd: folder, env }) };
}

test('flash asks below what it said, and writes', async (t) => {
  const { folder, open } = await setUpFlash(t);
  const screen = open('flash', 'x.img', 'card', '--force');
  await screen.waitForText('Type card to go on:');
  screen.type(`card${KEYS.enter}`);
  assert.equal(await screen.exited(), 0, screen.history());
  const image = await readFile(join(folder, 'x.img'));
  assert.ok((await readFile(join(folder, 'card'))).subarray(0, image.length).equals(image));
  await assertGoldenScreen('flash', screen.history(), { [folder]: '/tmp/wwanpi-test-XXXXXX' });
});

test('flash: Ctrl-C at the question', async (t) => {
  const { folder, open } = await setUpFlash(t);
  const screen = open('flash', 'x.img', 'card', '--force');
  await screen.waitForText('Type card to go on:');
  screen.type(KEYS.ctrlC);
  assert.equal(await screen.exited(), 130, screen.history());
  await assertGoldenScreen('flash-interrupted', screen.history(), { [folder]: '/tmp/wwanpi-test-XXXXXX' });
});

test('diff, inspect: a result in colours, without a row of the work', async (t) => {
  const context = await createTestContext(t);
  const folder = context.tmpDir;
  const shape = { mke2fs: ['-U', '658497f8-bfec-4121-9981-f5f6dca49542'] };
  await makeImage(context, 'a.img', { root: { '/etc/motd': 'old\nsame\n', '/etc/gone': 'x' } }, shape);
  await makeImage(context, 'b.img', { root: { '/etc/motd': 'new\nsame\n', '/etc/added': 'x' } }, shape);
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), PAGER: '', LESS: '' };
  const diff = openWwanpi(t, ['diff', '--ignore-times', 'a.img', 'b.img'], { cwd: folder, env });
  assert.equal(await diff.exited(), 1, diff.history());
  await assertGoldenScreen('diff', diff.history());
  await assertGoldenScreen('diff-colours', diff.colours());
  const inspect = openWwanpi(t, ['inspect', 'a.img'], { cwd: folder, env });
  assert.equal(await inspect.exited(), 0, inspect.history());
  await assertGoldenScreen('inspect', inspect.text(), { [basename(folder)]: 'FOLDER' });
});

test('an error is red, and says what to do', async (t) => {
  const screen = openWwanpi(t, ['inspect', '/nowhere.img']);
  assert.equal(await screen.exited(), 2);
  await assertGoldenScreen('error', screen.colours());
});
