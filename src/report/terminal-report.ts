import { format } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { readVariable } from '../core/environment.ts';
import type { ProgressBar, Reporter, WaitingLine } from '../core/reporter.ts';
import { escapeControls } from '../formats/text-diff.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';

/** The stream of a terminal reporter; it says whether lines may be drawn over and coloured. */
export interface ReportStream {
  write(text: string): unknown;
  /** The terminal's width. */
  readonly columns?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

/**
 * The reporter for people: one line a step with what came of it and how long it took, a bar for long
 * transfers on a terminal and a line every ten seconds elsewhere (a CI log). Colour follows NO_COLOR (no-color.org: when it is not empty).
 * Whatever text it is given, an image's or a server's, nothing in it drives the terminal.
 * @param stream usually standard error, so that standard output stays for results
 */
export function createTerminalReporter(
  stream: ReportStream,
  options: { quiet?: boolean; now?: () => number } = {},
): Reporter {
  const now = options.now ?? Date.now;
  const isLive = canRedraw(stream);
  const isColoured = isLive && readVariable('NO_COLOR') === undefined;
  const paint = (code: number, text: string): string =>
    isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  const waiting = createWaiting(stream, now, options.quiet === true);
  const line = (text: string): void => {
    if (options.quiet !== true) waiting.around(() => stream.write(`${text}\n`));
  };
  return {
    step: (title) => {
      const start = now();
      const stopWaiting = options.quiet === true ? () => undefined : showWaiting(stream, title, start, now);
      return (result = '') => {
        stopWaiting();
        const seconds = (now() - start) / 1000;
        const took = seconds < 0.95 ? '' : `  (${formatDuration(seconds)})`;
        const erase = isLive ? '\u001b[2K' : '';
        line(`${erase}  ${paint(32, '✓')} ${title.padEnd(16)} ${escapeControls(result)}${paint(2, took)}`);
      };
    },
    info: (message) => line(`    ${escapeControls(message)}`),
    warn: (message) => waiting.around(() => stream.write(`  ${paint(33, '!')} ${escapeControls(message)}\n`)),
    progress: (text, totalBytes) => {
      const title = escapeControls(text);
      if (options.quiet === true) return { update: () => undefined, done: () => undefined };
      return isLive && totalBytes !== undefined
        ? drawBar(title, totalBytes)
        : printLines(title, totalBytes, line, now);
    },
    waiting: () => waiting.line,
  };
}

const WAITING_EVERY_MS = 30_000;

/**
 * Shows the current wait: on a terminal as the last line, cut to its width; elsewhere as a line every half minute.
 * `around` writes something else in that place and draws the line again below.
 */
function createWaiting(
  stream: ReportStream,
  now: () => number,
  quiet: boolean,
): { line: WaitingLine; around(write: () => void): void } {
  const isLive = canRedraw(stream);
  let shown = '';
  let printedAtMs = now();
  const erase = (): void => {
    if (shown !== '') stream.write('\r\u001b[2K');
  };
  return {
    line: {
      update(message) {
        if (quiet) return;
        const text = escapeControls(message);
        if (isLive) {
          erase();
          shown = [...`  … ${text}`].slice(0, (stream.columns ?? 80) - 1).join('');
          stream.write(shown);
        } else if (now() - printedAtMs >= WAITING_EVERY_MS) {
          printedAtMs = now();
          stream.write(`  … ${text}\n`);
        }
      },
      done() {
        erase();
        shown = '';
      },
    },
    around(write) {
      erase();
      write();
      if (shown !== '') stream.write(shown);
    },
  };
}

/** Whether lines can be drawn over: on a terminal, unless it cannot move its cursor (TERM=dumb). */
export function canRedraw(stream: ReportStream): boolean {
  return stream.isTTY === true && readVariable('TERM') !== 'dumb';
}

/** Shows that a step still runs: on a terminal every second in the same line, elsewhere after 10 s and every minute. */
function showWaiting(stream: ReportStream, title: string, startMs: number, now: () => number): () => void {
  const since = (): string => formatDuration(Math.round((now() - startMs) / 1000));
  if (canRedraw(stream)) {
    stream.write(`  … ${title}\r`);
    const timer = setInterval(() => stream.write(`  … ${title}  ${since()}\r`), 1000);
    timer.unref();
    return () => clearInterval(timer);
  }
  let timer = setTimeout(function tell() {
    stream.write(`  … ${title}, ${since()} so far\n`);
    timer = setTimeout(tell, 60_000).unref();
  }, 10_000).unref();
  return () => clearTimeout(timer);
}

function drawBar(title: string, totalBytes: number): ProgressBar {
  const bar = new SingleBar(
    {
      format: `    ${title} {bar} {percentage}%  {rate}/s  {eta_formatted} left`,
      clearOnComplete: true,
      hideCursor: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  const meter = createMeter(Date.now);
  bar.start(totalBytes, 0, { rate: formatBytes(0) });
  return {
    update: (doneBytes) => bar.update(doneBytes, { rate: formatBytes(meter(doneBytes)) }),
    done: () => bar.stop(),
  };
}

const LINE_EVERY_MS = 10_000;

function printLines(
  title: string,
  totalBytes: number | undefined,
  line: (text: string) => void,
  now: () => number,
): ProgressBar {
  const meter = createMeter(now);
  let printedAt = now();
  return {
    update: (doneBytes) => {
      const rate = meter(doneBytes);
      if (now() - printedAt < LINE_EVERY_MS) return;
      printedAt = now();
      const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
      const left =
        totalBytes === undefined || rate <= 0
          ? ''
          : `, ${formatDuration((totalBytes - doneBytes) / rate)} left`;
      line(format('    %s: %s%s, %s/s%s', title, formatBytes(doneBytes), of, formatBytes(rate), left));
    },
    done: () => undefined,
  };
}

/** Bytes a second since the first call, so bytes that an earlier run fetched do not count as speed. */
function createMeter(now: () => number): (doneBytes: number) => number {
  let first: { readonly atMs: number; readonly bytes: number } | undefined;
  return (doneBytes) => {
    first ??= { atMs: now(), bytes: doneBytes };
    const seconds = (now() - first.atMs) / 1000;
    return seconds <= 0 ? 0 : (doneBytes - first.bytes) / seconds;
  };
}
