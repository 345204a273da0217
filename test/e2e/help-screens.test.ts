import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { listCommands } from '../../src/command-line/command-list.ts';
import { packageRoot } from '../../src/core/package.ts';
import { openWwanpi } from '../helpers/screen.ts';

const PAGES = [undefined, ...listCommands().map(({ name }) => name)];

for (const name of PAGES) {
  const words = name === undefined ? ['help'] : ['help', name];
  test(`wwanpi ${words.join(' ')} fits a terminal of 80 columns and 24 rows, with room for the prompt`, async (t) => {
    const screen = openWwanpi(t, words);
    assert.equal(await screen.exited(), 0);
    // Nothing has scrolled away, and the last row is the prompt's.
    assert.equal(screen.history(), screen.text());
    assert.ok(screen.text().split('\n').length <= 23);
    // The unit tests write these (UPDATE_GOLDEN=1).
    const golden = join(packageRoot, `test/golden/help/${name ?? 'wwanpi'}.txt`);
    assert.equal(`${screen.text()}\n`, await readFile(golden, 'utf8'));
  });
}

test('help is as narrow as the terminal, and its examples are whole', async (t) => {
  const screen = openWwanpi(t, ['help', 'flash'], { columns: 40, rows: 60 });
  assert.equal(await screen.exited(), 0);
  assert.match(screen.text(), /^drive, and read it back\.$/m);
  assert.match(screen.text(), /^ {2}wwanpi flash x\.img\.xz \/dev\/sdb --yes$/m);
});
