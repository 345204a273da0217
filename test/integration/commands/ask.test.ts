import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { createTestContext } from '../../helpers/context.ts';
import { openScreen, type Screen } from '../../helpers/screen.ts';

/** A program that is busy until the file is there, then asks twice. */
async function openAsking(t: TestContext): Promise<{ screen: Screen; goOn: () => Promise<void> }> {
  const { tmpDir } = await createTestContext(t);
  const gate = join(tmpDir, 'gate');
  const program = `
    import { existsSync } from 'node:fs';
    import { askLine } from '${join(packageRoot, 'src/commands/ask.ts')}';
    const { signal } = new AbortController();
    console.error('busy');
    while (!existsSync('${gate}')) await new Promise((resolve) => setTimeout(resolve, 20));
    console.error('first: ' + JSON.stringify(await askLine('First? ', signal)));
    console.error('second: ' + JSON.stringify(await askLine('Second? ', signal)));`;
  const file = join(tmpDir, 'asking.mts');
  await writeFile(file, program);
  const screen = openScreen(t, [process.execPath, '--import', 'tsx', file], { cwd: packageRoot });
  await screen.waitForText('busy');
  return { screen, goOn: () => writeFile(gate, '') };
}

test('what was typed before a question answers none: neither lines nor the beginning of one', async (t) => {
  const { screen, goOn } = await openAsking(t);
  screen.type('one\rtwo\rthr');
  await screen.waitForText(/one\n+two\n+thr/);
  await goOn();
  await screen.waitForText('First?');
  screen.type('yes\rtoo early\r');
  await screen.waitForText('first: "yes"');
  await screen.waitForText('Second?');
  screen.type('no\r');
  assert.equal(await screen.exited(), 0);
  assert.match(screen.history(), /second: "no"$/);
});

test('Ctrl-C and Ctrl-D at a question end it', async (t) => {
  for (const key of ['\u0003', '\u0004']) {
    const { screen, goOn } = await openAsking(t);
    await goOn();
    await screen.waitForText('First?');
    screen.type(key);
    assert.notEqual(await screen.exited(), 0);
    assert.doesNotMatch(screen.history(), /first:/);
  }
});
