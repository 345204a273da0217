import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestContext } from '../helpers/context.ts';
import { attachLoop, loopsMissing } from '../helpers/loop.ts';
import { assertGoldenScreen, KEYS, keepTmpdirShort, openWwanpi, type Screen } from '../helpers/screen.ts';
import { makeSettableRelease } from '../helpers/settable-release.ts';

keepTmpdirShort();

/** Compares a screen, without what differs from run to run. */
async function assertGolden(name: string, screen: Screen) {
  const text = screen
    .history()
    .replaceAll(/\b[0-9a-f]{64}\b/g, '0'.repeat(64))
    .replaceAll(/\/dev\/loop\d+/g, '/dev/loopN')
    .replaceAll(/\bloop\d+\b/g, 'loopN');
  await assertGoldenScreen(name, text);
}

test('set: what changes, and what followed', async (t) => {
  const context = await createTestContext(t);
  const folder = await makeSettableRelease(context);
  await writeFile(join(folder, 'SHA256SUMS.minisig'), 'old');
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const screen = openWwanpi(t, ['set', 'a.img.xz', '--apn', 'web.vodafone.de', '--pin', '1234'], {
    cwd: folder,
    env,
  });
  assert.equal(await screen.exited(), 0, screen.history());
  await assertGolden('set', screen);
});

test('set: mistakes, all at once', async (t) => {
  const context = await createTestContext(t);
  const folder = await makeSettableRelease(context);
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const words = ['set', 'a.img.xz', '--apn', 'web vodafone.de', '--pin', '12', '--wifi-country', 'Germany'];
  const screen = openWwanpi(t, words, { cwd: folder, env });
  assert.equal(await screen.exited(), 2, screen.history());
  await assertGolden('set-mistakes', screen);
});

test('set: a card is asked about, with the lines that change', {
  skip: loopsMissing() ?? false,
}, async (t) => {
  const context = await createTestContext(t);
  const folder = await makeSettableRelease(context);
  const device = attachLoop(t, join(folder, 'a.img'));
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const before = await readFile(join(folder, 'a.img'));
  const screen = openWwanpi(t, ['set', device, '--apn', 'web.vodafone.de', '--force'], { cwd: folder, env });
  await screen.waitForText('to change it:');
  screen.type(`no${KEYS.enter}`);
  assert.equal(await screen.exited(), 2, screen.history());
  await assertGolden('set-asks', screen);
  assert.ok(before.equals(await readFile(join(folder, 'a.img'))), 'nothing was written');
});
