import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listCommands } from '../../src/command-line/command-list.ts';
import { assertGoldenScreen, openWwanpi } from '../helpers/screen.ts';

const PAGES = [undefined, ...listCommands().map(({ name }) => name)];

for (const name of PAGES) {
  const words = name === undefined ? ['help'] : ['help', name];
  test(`wwanpi ${words.join(' ')} fits a terminal of 80 columns and 24 rows, with room for the prompt`, async (t) => {
    const screen = openWwanpi(t, words);
    assert.equal(await screen.exited(), 0);
    // Nothing has scrolled away, and the last row is the prompt's.
    assert.equal(screen.history(), screen.text());
    assert.ok(screen.text().split('\n').length <= 23);
    await assertGoldenScreen(`help/${name ?? 'wwanpi'}`, screen.text());
  });
}

test('help is as wide as a narrow terminal, and examples are left whole', async (t) => {
  const screen = openWwanpi(t, ['help', 'flash'], { columns: 40, rows: 60 });
  assert.equal(await screen.exited(), 0);
  await assertGoldenScreen('help/flash-40', screen.text());
});
