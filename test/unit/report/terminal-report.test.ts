import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { formatErrorJson, formatErrorText } from '../../../src/report/format-error.ts';
import { createTerminalReporter } from '../../../src/report/terminal-report.ts';

// A terminal with a cursor that moves, wherever the tests run.
process.env.TERM = 'xterm';
delete process.env.NO_COLOR;

test('a step is one line with its result; off a terminal nothing is drawn over', () => {
  const written: string[] = [];
  let clock = 0;
  const report = createTerminalReporter({ write: (text) => written.push(text) }, { now: () => clock });
  const done = report.step('Sysroot');
  clock = 2500;
  done('cached');
  assert.equal(written.join(''), '  ✓ Sysroot          cached  (2.5 s)\n');
});

test('a step that takes long says so: over its own line on a terminal, now and then elsewhere', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  for (const [isTTY, expected] of [
    [true, '  … Base\r  … Base  1.0 s\r'],
    [false, ''],
  ] as const) {
    const written: string[] = [];
    const done = createTerminalReporter({ write: (text) => written.push(text), isTTY }).step('Base');
    t.mock.timers.tick(1000);
    assert.equal(written.join(''), expected);
    if (!isTTY) {
      t.mock.timers.tick(9_000);
      t.mock.timers.tick(60_000);
      assert.deepEqual(written, ['  … Base, 10 s so far\n', '  … Base, 1 min 10 s so far\n']);
    }
    done();
    const before = written.length;
    t.mock.timers.tick(200_000);
    assert.equal(written.length, before);
  }
});

test('off a terminal a long transfer says how far it is every ten seconds, with rate and time left', () => {
  const written: string[] = [];
  let clock = 0;
  const report = createTerminalReporter({ write: (text) => written.push(text) }, { now: () => clock });
  const bar = report.progress('image.zip', 100_000_000);
  bar.update(20_000_000);
  clock = 5_000;
  bar.update(30_000_000);
  clock = 10_000;
  bar.update(40_000_000);
  assert.deepEqual(written, ['    image.zip: 40 MB of 100 MB, 2 MB/s, 30 s left\n']);
});

test('quiet leaves only warnings', () => {
  const written: string[] = [];
  const report = createTerminalReporter({ write: (text) => written.push(text) }, { quiet: true });
  report.step('a')();
  report.info('b');
  report.warn('c');
  assert.deepEqual(written, ['  ! c\n']);
});

test('colours only on a terminal that has them and when NO_COLOR does not forbid them; no drawing on a dumb one', (t) => {
  t.after(() => Object.assign(process.env, { TERM: 'xterm', NO_COLOR: '' }));
  const cases: [isTTY: boolean, env: Record<string, string>, coloured: boolean, drawn: boolean][] = [
    [true, { TERM: 'xterm', NO_COLOR: '' }, true, true],
    [true, { TERM: 'xterm', NO_COLOR: '1' }, false, true],
    [true, { TERM: 'dumb', NO_COLOR: '' }, false, false],
    [false, { TERM: 'xterm', NO_COLOR: '' }, false, false],
  ];
  for (const [isTTY, env, coloured, drawn] of cases) {
    Object.assign(process.env, env);
    const written: string[] = [];
    const report = createTerminalReporter({ write: (text) => written.push(text), isTTY });
    report.step('Base')('cached');
    report.warn('careful');
    const what = JSON.stringify([isTTY, env]);
    assert.equal(/\u001b\[\d+m/.test(written.join('')), coloured, what);
    assert.equal(/\r|\u001b\[2K/.test(written.join('')), drawn, what);
  }
});

test('no text it is given drives the terminal: results, messages, warnings, waits and errors', () => {
  const written: string[] = [];
  const nasty = 'a\x1b]0;owned\x07\x9b2J\u202eb';
  for (const isTTY of [true, false]) {
    const report = createTerminalReporter({ write: (text) => written.push(text), isTTY });
    const start = written.length;
    report.step('Plan')(nasty);
    report.info(nasty);
    report.warn(nasty);
    const waiting = report.waiting();
    waiting.update(nasty, {});
    waiting.done();
    const shown = written.slice(start).join('');
    assert.match(shown, /a\\x1b\]0;owned\\x07\\x9b2J\\x202eb/);
    // Its own: colours, and to erase the line.
    assert.doesNotMatch(shown.replaceAll(/\x1b\[(?:\d*m|2K)|\r/g, ''), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
  for (const error of [new InputError(nasty, { hint: nasty, detail: nasty }), new Error(nasty)]) {
    assert.doesNotMatch(formatErrorText(error), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.doesNotMatch(formatErrorJson(error), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});
