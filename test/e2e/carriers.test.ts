import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from '../helpers/cli.ts';
import { assertGoldenScreen, openWwanpi } from '../helpers/screen.ts';

const screens: [string, string[], number][] = [
  ['carriers', ['carriers', 'T-Mobile', 'US'], 0],
  ['carriers-country', ['carriers', '--country', 'Brasil'], 0],
  ['carriers-all', ['carriers', 'vodafone', 'uk', '--all'], 0],
  ['carriers-nothing', ['carriers', 'vodafnoe', 'germany'], 2],
];
for (const [name, args, exitCode] of screens) {
  test(`wwanpi ${args.join(' ')}, as one sees it at 80x24: no line wraps`, async (t) => {
    const screen = openWwanpi(t, args);
    assert.equal(await screen.exited(), exitCode);
    await assertGoldenScreen(name, screen.text());
    const { active } = screen.terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
    if (exitCode === 0) assert.ok(rows.every((row) => row?.isWrapped !== true));
  });
}

test('at 40 columns no line of the table wraps, and in a pipe nothing is cut', async (t) => {
  const screen = openWwanpi(t, ['carriers', 't-mobile', 'us'], { columns: 40 });
  assert.equal(await screen.exited(), 0);
  const { active } = screen.terminal.buffer;
  const table = Array.from({ length: 8 }, (_, row) => active.getLine(row));
  assert.ok(table.every((row) => row?.isWrapped !== true));
  const { stdout } = await runCli(['carriers', 't-mobile', 'us']);
  assert.match(
    stdout,
    /^us\/t-mobile\/internet2\.voicestream\.com +internet2\.voicestream\.com +Internet \(old\)$/m,
  );
});
