import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BugError, NetworkError } from '../../../src/core/errors.ts';
import { countOf } from '../../../src/core/reporter.ts';
import { OptionsError } from '../../../src/formats/issues.ts';
import { readLogFormat } from '../../../src/report/choose-reporter.ts';
import { formatErrorJson, formatErrorText } from '../../../src/report/format-error.ts';
import { createJsonFleetProgress, createJsonReporter } from '../../../src/report/json-report.ts';

/** A stream that parses what it is given: each write one line, one object. */
function createLog() {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string) => {
    assert.match(text, /^\{[^\n]*\}\n$/);
    lines.push(JSON.parse(text));
  };
  return { lines, write };
}

test('a step, words and warnings are an object a line, with time, level and event', () => {
  const { lines, write } = createLog();
  let clock = Date.UTC(2026, 0, 2);
  const report = createJsonReporter({ write, isTTY: true }, { now: () => clock });
  const done = report.step('Base');
  clock += 1500;
  done('cached\n"twice"');
  report.info('  12.0 s ✓ ping', { event: 'milestone', milestone: 'ping' });
  report.warn('no password');
  assert.deepEqual(lines, [
    { ts: '2026-01-02T00:00:00.000Z', level: 'info', event: 'step-start', step: 'Base' },
    {
      ...{ ts: '2026-01-02T00:00:01.500Z', level: 'info', event: 'step-end', step: 'Base' },
      ...{ message: 'cached\n"twice"', seconds: 1.5 },
    },
    {
      ...{ ts: '2026-01-02T00:00:01.500Z', level: 'info', event: 'milestone' },
      ...{ message: '12.0 s ✓ ping', milestone: 'ping' },
    },
    { ts: '2026-01-02T00:00:01.500Z', level: 'warning', event: 'warning', message: 'no password' },
  ]);
});

test('bytes are reported at once, then at most once a second, and at the end', () => {
  const { lines, write } = createLog();
  let clock = 0;
  const bar = createJsonReporter({ write }, { now: () => clock }).progress('Download', 400);
  for (const bytes of [10, 20, 100, 300]) {
    bar.update(bytes);
    clock += 600;
  }
  bar.update(400);
  bar.done();
  assert.deepEqual(
    lines.map(({ event, step, bytes, totalBytes }) => [event, step, bytes, totalBytes]),
    [10, 100, 400].map((bytes) => ['progress', 'Download', bytes, 400]),
  );
});

test('how far a step is stands between its beginning and its end', () => {
  const { lines, write } = createLog();
  let clock = 0;
  const step = createJsonReporter({ write }, { now: () => clock }).step('Send');
  step.update(...countOf(1, 9, 'files'));
  step.bytes(10, 400);
  clock += 500;
  step.bytes(200, 400);
  clock += 500;
  step.bytes(400, 400);
  step('1 file');
  assert.deepEqual(
    lines.map(({ ts: _, level: __, ...fields }) => fields),
    [
      { event: 'step-start', step: 'Send' },
      { event: 'count', step: 'Send', message: '1 of 9 files', done: 1, total: 9, unit: 'files' },
      { event: 'progress', step: 'Send', bytes: 10, totalBytes: 400 },
      { event: 'progress', step: 'Send', bytes: 400, totalBytes: 400 },
      { event: 'step-end', step: 'Send', message: '1 file', seconds: 1 },
    ],
  );
});

test('quiet leaves warnings', () => {
  const { lines, write } = createLog();
  const report = createJsonReporter({ write }, { quiet: true });
  report.step('Base')();
  report.info('x');
  report.progress('y', 1).update(1);
  report.warn('z');
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warning'],
  );
});

test("a fleet's images, and which of them failed", () => {
  const { lines, write } = createLog();
  const progress = createJsonFleetProgress({ write }, { total: 2 });
  const ends = { apn: 'x', base: 'b', seconds: 1 };
  progress.begin('a');
  progress.step('a', 'Write');
  progress.finish({
    ...ends,
    name: 'a',
    verdict: 'built',
    files: [{ name: 'a.img', sizeBytes: 5, sha256: '', kind: 'image' }],
  });
  progress.finish({ ...ends, name: 'b', verdict: 'failed', files: [], error: 'no' });
  progress.close();
  const told = lines.map(({ ts: _, ...line }) => line);
  assert.deepEqual(told, [
    { level: 'info', event: 'image-start', image: 'a', done: 0, total: 2 },
    { level: 'info', event: 'image-step', image: 'a', step: 'Write', done: 0, total: 2 },
    {
      level: 'info',
      event: 'image-end',
      image: 'a',
      verdict: 'built',
      bytes: 5,
      seconds: 1,
      done: 1,
      total: 2,
    },
    {
      level: 'warning',
      event: 'image-end',
      image: 'b',
      verdict: 'failed',
      seconds: 1,
      message: 'no',
      done: 2,
      total: 2,
    },
  ]);
});

test('errors have a code and the exit code, and what there is to say', () => {
  const parse = (error: unknown) => {
    const { ts, ...fields } = JSON.parse(formatErrorJson(error));
    assert.match(ts, /^\d{4}-/);
    return fields;
  };
  const error = { level: 'error', event: 'error' };
  assert.deepEqual(parse(new NetworkError('no route', { hint: 'plug it in', detail: 'a\nb\n' })), {
    ...{ ...error, code: 'network', exitCode: 8, message: 'no route', hint: 'plug it in', detail: 'a\nb' },
  });
  const issues = [
    { option: 'metric', value: 'x', message: 'is not a number', hint: 'see {--dns}' },
    { message: 'unexpected argument "y"' },
  ];
  const told = parse(new OptionsError(issues));
  assert.deepEqual(told.faults, ['--metric "x" is not a number; see --dns', 'unexpected argument "y"']);
  assert.deepEqual(told.issues, [{ ...issues[0], hint: 'see --dns' }, issues[1]]);
  for (const bug of [new TypeError('x is undefined'), 'thrown text', new BugError('impossible')]) {
    const { code, exitCode, message, detail } = parse(bug);
    assert.deepEqual([code, exitCode], ['bug', 70]);
    assert.match(`${message} ${detail}`, /x is undefined|thrown text|impossible/);
  }
  assert.equal(formatErrorText(new NetworkError('a', { hint: 'b', detail: 'c\n' })), '\nwwanpi: a\nc\n→ b\n');
});

test('the format of errors is known before the command line is', () => {
  const cases: [string, 'text' | 'json'][] = [
    ['', 'text'],
    ['build --log json', 'json'],
    ['--log=json bulid', 'json'],
    ['build --log json --log text', 'text'],
    ['build --log', 'text'],
    ['build -- --log json', 'text'],
    ['build --apn=--log=json', 'text'],
  ];
  for (const [line, format] of cases) assert.equal(readLogFormat(line.split(' ')), format, line);
});
