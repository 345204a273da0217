import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../src/core/package.ts';
import { KEYS, openScreen } from '../../helpers/screen.ts';

/** A program that asks, as sudo does, run in the foreground of a real terminal. */
const script = `
  import { runAttached } from '${join(packageRoot, 'src/tools/exec.ts')}';
  const asking = ['sh', '-c', 'printf "name: "; read name; echo "hello $name"; exit 3'];
  console.log('ended with', await runAttached(asking, {}, { asks: true }));`;
const argv = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];

test('a program that asks gets what is typed, and its exit code comes back', async (t) => {
  const screen = openScreen(t, argv, { cwd: packageRoot });
  await screen.waitForText('name: ');
  screen.type(`anna${KEYS.enter}`);
  assert.equal(await screen.exited(), 0);
  assert.equal(screen.text(), 'name: anna\nhello anna\nended with 3');
});

test('Ctrl-C ends the program that asks, and wwanpi goes on with its exit code', async (t) => {
  const screen = openScreen(t, argv, { cwd: packageRoot });
  await screen.waitForText('name: ');
  screen.type(KEYS.ctrlC);
  assert.equal(await screen.exited(), 0);
  assert.equal(screen.text(), 'name: ^Cended with 130');
});
