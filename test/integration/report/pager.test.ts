import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from '../../helpers/play.ts';
import { KEYS } from '../../helpers/screen.ts';
import { waitFor } from '../../helpers/wait-for.ts';

/** A result on a terminal, in the user's pager. */

const LONG = `await pageResult(Array.from({ length: 60 }, (_, n) => '+ /file-' + n).join('\\n') + '\\n', 'diff');
  process.stderr.write('ended\\n');`;

test('PAGER gets the coloured text, and arguments without a shell', async (t) => {
  const scene = `await pageResult('+ /a\\n- /b\\n', 'diff')`;
  const { screen } = await play(t, scene, { env: { PAGER: 'sed s/^/$HOME;/' } });
  assert.equal(await screen.exited(), 0);
  assert.equal(screen.colours(), '$HOME;‹green›+ /a‹/›\n$HOME;‹red›- /b‹/›');
});

test('less shows one window of a long text, in colours, until q is typed', async (t) => {
  const { screen } = await play(t, LONG, { env: { PAGER: '', LESS: '' } });
  await screen.waitForText('/file-22');
  await screen.waitForText(':');
  assert.doesNotMatch(screen.history(), /file-23/);
  screen.type(KEYS.ctrlC);
  // Less forgets what is typed while it answers Ctrl-C.
  const askToEnd = (): boolean => {
    screen.type('q');
    return screen.history().endsWith('ended');
  };
  await waitFor('the end of less', askToEnd, { everyMs: 200 });
  assert.equal(await screen.exited(), 0);
  assert.match(screen.history(), /ended$/);
  assert.match(screen.colours(), /‹green›\+ \/file-0‹\/›/);
});

test('a short text is simply there', async (t) => {
  const { screen } = await play(t, `await pageResult('+ /a\\n', 'diff')`, { env: { PAGER: '', LESS: '' } });
  assert.equal(await screen.exited(), 0);
  assert.equal(screen.text(), '+ /a');
});

for (const PAGER of ['cat', 'there-is-no-such-pager']) {
  test(`PAGER=${PAGER}: it is printed`, async (t) => {
    const { screen } = await play(t, LONG, { env: { PAGER } });
    assert.equal(await screen.exited(), 0);
    assert.match(screen.history(), /\+ \/file-0\n[\s\S]*\+ \/file-59\nended$/);
  });
}

test('colours can be turned off', async (t) => {
  const { screen } = await play(t, `await pageResult('+ /a\\n', 'diff')`, { env: { NO_COLOR: '1' } });
  await screen.exited();
  assert.equal(screen.colours(), '+ /a');
});
