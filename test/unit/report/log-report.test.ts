import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import type { Reporter } from '../../../src/core/reporter.ts';
import type { FleetResult } from '../../../src/fleet/fleet-state.ts';
import { createFleetProgress } from '../../../src/report/fleet-progress.ts';
import { formatErrorJson, formatErrorText } from '../../../src/report/format-error.ts';
import { createTerminal } from '../../../src/report/terminal.ts';
import { createTerminalReporter, type TerminalReportOptions } from '../../../src/report/terminal-report.ts';

/** Off a terminal, in a file or a CI log. What is drawn on a terminal: test/integration/report/. */

delete process.env.FORCE_COLOR;

function createLog(options: TerminalReportOptions = {}): { report: Reporter; read: () => string } {
  let text = '';
  const terminal = createTerminal({ write: (more) => (text += more) });
  return { report: createTerminalReporter(terminal, options), read: () => text };
}

test('a step is one line with its result, however long, and nothing is drawn over', () => {
  let clock = 0;
  const { report, read } = createLog({ now: () => clock });
  const done = report.step('Sysroot');
  clock = 2500;
  done(`cached${' and cached'.repeat(20)}`);
  assert.equal(read(), `  ✓ Sysroot          cached${' and cached'.repeat(20)}  (2.5 s)\n`);
});

test('a step that takes long says so now and then, and how far it is', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { report, read } = createLog();
  const done = report.step('Base');
  t.mock.timers.tick(10_000);
  done.update('112 of 169 packages', { done: 112 });
  t.mock.timers.tick(60_000);
  assert.equal(read(), '  … Base, 10 s so far\n  … Base: 112 of 169 packages, 1 min 10 s so far\n');
  done();
  const before = read();
  t.mock.timers.tick(200_000);
  assert.equal(read(), before);
});

test('a long transfer says how far it is every ten seconds, with rate and time left', () => {
  let clock = 0;
  const { report, read } = createLog({ now: () => clock });
  const bar = report.progress('image.zip', 100_000_000);
  bar.update(20_000_000);
  clock = 5_000;
  bar.update(30_000_000);
  clock = 10_000;
  bar.update(40_000_000);
  assert.equal(read(), '    image.zip: 40 MB of 100 MB, 2 MB/s, 30 s left\n');
});

test('quiet leaves only warnings', () => {
  const { report, read } = createLog({ quiet: true });
  report.step('a')();
  report.info('b');
  report.stopping();
  report.warn('c');
  assert.equal(read(), '  ! c\n');
});

test('one line for each finished image of a fleet, with the total and the time left', () => {
  let text = '';
  const terminal = createTerminal({ write: (more) => (text += more) });
  const progress = createFleetProgress(terminal, { total: 4, jobs: 1, now: () => 0 });
  const finish = (name: string, more: Partial<FleetResult> = {}): void => {
    progress.begin(name);
    progress.step(name, 'Copy');
    const files = [{ name: `${name}.img.xz`, sizeBytes: 150_000_000, sha256: '', kind: 'packed' as const }];
    progress.finish({ name, apn: 'x', base: 'b', files, seconds: 10, verdict: 'built', ...more });
  };
  finish('a');
  finish('b', { verdict: 'unchanged', seconds: 0.1 });
  finish('c', { verdict: 'failed', files: [], error: 'no room\nat all' });
  finish('d');
  progress.close();
  assert.equal(
    text,
    [
      '  ✓ a                            built, 150 MB  (10 s)  [1 of 4 images, 30 s left]',
      '  ✓ b                            unchanged, 150 MB  (0.1 s)  [2 of 4 images, 20 s left]',
      '  ✗ c                            failed: no room  (10 s)  [3 of 4 images, 10 s left]',
      '  ✓ d                            built, 150 MB  (10 s)  [4 of 4 images]',
      '',
    ].join('\n'),
  );
});

test('no text it is given drives the terminal: results, messages, warnings, waits and errors', () => {
  const nasty = 'a\x1b]0;owned\x07\x9b2J\u202eb';
  const { report, read } = createLog({ now: () => 0 });
  const step = report.step(nasty);
  step.update(nasty);
  step(nasty);
  report.info(nasty);
  report.warn(nasty);
  report.progress(nasty, 1).done();
  report.waiting().update(nasty, {});
  assert.match(read(), /a\\x1b\]0;owned\\x07\\x9b2J\\x202eb/);
  assert.doesNotMatch(read(), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  for (const error of [new InputError(nasty, { hint: nasty, detail: nasty }), new Error(nasty)]) {
    assert.doesNotMatch(formatErrorText(error), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.doesNotMatch(formatErrorJson(error), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});
