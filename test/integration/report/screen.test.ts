import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGoldenScreen, KEYS, maskNumbers, openScreen } from '../../helpers/screen.ts';

/** The test's own eyes: what they do not see, no other test on a screen finds. */

const node = (script: string): string[] => [process.execPath, '-e', script];

test('a line that is drawn over shows what is left of it', async (t) => {
  const screen = openScreen(t, node(`process.stdout.write('13 s\\r9 s\\nend\\n')`));
  assert.equal(await screen.exited(), 0);
  assert.equal(screen.text(), '9 ss\nend');
});

test('a long line wraps at the width of the window, and a short window scrolls', async (t) => {
  const script = `console.log('a'.repeat(25)); for (let i = 0; i < 5; i++) console.log(i)`;
  const screen = openScreen(t, node(script), { columns: 20, rows: 4 });
  await screen.exited();
  assert.equal(screen.history(), `${'a'.repeat(20)}\n${'a'.repeat(5)}\n0\n1\n2\n3\n4`);
  assert.equal(screen.text(), '2\n3\n4');
});

test('what is typed arrives, Ctrl-C interrupts, a resize is told', async (t) => {
  const script = `
    const tell = () => console.log(process.stdout.columns + 'x' + process.stdout.rows);
    process.stdin.on('data', (text) => console.log('got ' + text));
    process.stdout.on('resize', tell);
    process.on('SIGINT', () => process.exit(7));
    tell();`;
  const screen = openScreen(t, node(script), { columns: 40, rows: 10 });
  await screen.waitForText('40x10');
  screen.resize(60, 20);
  await screen.waitForText('60x20');
  screen.type(`yes${KEYS.enter}`);
  await screen.waitForText('got yes');
  screen.type(KEYS.ctrlC);
  assert.equal(await screen.exited(), 7);
});

test('the exit code is the command’s, or that of its signal', async (t) => {
  assert.equal(await openScreen(t, node('process.exit(3)')).exited(), 3);
  assert.equal(await openScreen(t, ['sh', '-c', 'kill -TERM $$']).exited(), 143);
});

test('colours are told, and no wait is endless', async (t) => {
  const screen = openScreen(t, ['printf', '\\033[1;32mok\\033[0m \\033[2m(1 s)\\033[0m\\n']);
  await screen.exited();
  assert.equal(screen.colours(), '‹bold green›ok‹/› ‹dim›(1 s)‹/›');
  await assert.rejects(
    screen.waitForText('never'),
    /"?never"? never came; the screen at the end:\nok \(1 s\)/,
  );
});

test('numbers that change are masked, and a golden screen differs by one letter', async (t) => {
  assert.equal(
    maskNumbers('✓ Base  cached    (1 min 20 s)\n  50 % of 713 MB, 12.5 MB/s, 0.4 s left'),
    '✓ Base  cached\n  PART of 713 MB, RATE, TIME left',
  );
  const screen = openScreen(t, ['printf', 'a screen of 3.2 s in %s\\n', '/tmp/x1']);
  await screen.exited();
  await assertGoldenScreen('harness', screen.text(), { '/tmp/x1': 'FOLDER' });
  await assert.rejects(assertGoldenScreen('harness', screen.text()), /FOLDER/);
});
