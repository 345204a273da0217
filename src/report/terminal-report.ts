import {
  makeStep,
  type ProgressBar,
  type Reporter,
  type Step,
  type StepHint,
  silentReporter,
  type WaitingLine,
} from '../core/reporter.ts';
import { paintMarks } from '../formats/paint-text.ts';
import { escapeControls } from '../formats/text-diff.ts';
import { formatDuration } from '../formats/units.ts';
import { createMeter, describeTransfer, drawTransfer, type Transfer } from './progress-text.ts';
import type { Row, Terminal } from './terminal.ts';
import { wrapLine } from './wrap-line.ts';

/** How a terminal reporter behaves. */
export interface TerminalReportOptions {
  /** Only warnings. */
  readonly quiet?: boolean;
  /** What runs is drawn, but no line stays of it: for a command whose only output is its result. */
  readonly rowsOnly?: boolean;
  /** A clock in milliseconds. */
  readonly now?: () => number;
}

/** Off a terminal, in a CI log: when a step first says that it runs, and how often what runs says how far it is. */
const FIRST_WORD_MS = 10_000;
const STEP_EVERY_MS = 60_000;
const BYTES_EVERY_MS = 10_000;
const WAITING_EVERY_MS = 30_000;
/** Below this width a row has no columns. */
const NARROW = 60;
/** What is over sooner needs no forecast. */
const USUAL_AFTER_SECONDS = 2;

/**
 * The reporter for people: one line a step with what came of it and how long it took. What runs is drawn as a row below
 * on a terminal; elsewhere it is a line now and then. Whatever text it is given, an image's or a server's, nothing in it
 * drives the terminal.
 */
export function createTerminalReporter(terminal: Terminal, options: TerminalReportOptions = {}): Reporter {
  const { rowsOnly = false, now = Date.now } = options;
  const quiet = options.quiet === true || (rowsOnly && !terminal.isLive);
  const { paint } = terminal;
  let isStopping = false;
  const layOut = (head: string, indent: number, text: string): string =>
    wrapLine(head, indent, paintMarks(escapeControls(text), paint), terminal.getColumns());
  const hold: Reporter['hold'] = (work) => terminal.hold(work);
  const warn = (message: string): void => terminal.print(layOut(`  ${paint('warning', '!')} `, 4, message));
  if (quiet) return { ...silentReporter, warn, hold };

  return {
    step: (title, hint = {}) =>
      startStep(terminal, escapeControls(title), hint, { now, rowsOnly, isStopping: () => isStopping }),
    info: (message) => {
      if (!rowsOnly && message !== '') terminal.print(layOut('    ', 4, message));
    },
    warn,
    progress: (title, totalBytes) => startTransfer(terminal, escapeControls(title), totalBytes, now),
    waiting: () => startWaiting(terminal, now),
    fail: () => terminal.abandon(),
    stopping: () => {
      if (isStopping) return;
      isStopping = true;
      // It stays below what ends, until the run has ended.
      if (terminal.isLive) terminal.addRow(() => `  ${paint('warning', 'stopping…')}`);
      else terminal.print('  stopping…');
    },
    hold,
  };
}

function startStep(
  terminal: Terminal,
  title: string,
  { usualSeconds, note }: StepHint,
  { now, rowsOnly, isStopping }: { now: () => number; rowsOnly: boolean; isStopping: () => boolean },
): Step {
  const { paint } = terminal;
  const startMs = now();
  const getSeconds = (): number => (now() - startMs) / 1000;
  const meter = createMeter(now);
  let shown = '';
  let transfer: Transfer | undefined;
  const showTime = (): string => {
    const seconds = getSeconds();
    if (seconds < 1) return '';
    const usual = usualSeconds === undefined ? note : `usually about ${formatDuration(usualSeconds)}`;
    const forecast = usual === undefined || seconds < USUAL_AFTER_SECONDS ? '' : ` (${usual})`;
    return paint('quiet', `${formatDuration(Math.floor(seconds))}${forecast}`);
  };
  const head = (mark: string): string => `  ${mark} ${title.padEnd(16)}`;
  const row = terminal.addRow(
    (columns) => {
      const start = columns < NARROW ? `  … ${title}` : head('…');
      if (transfer?.totalBytes !== undefined) {
        return `${start} ${drawTransfer(transfer, columns - start.length - 1)}`;
      }
      const progress = transfer === undefined ? shown : drawTransfer(transfer, columns);
      const parts = [progress, showTime()].filter((text) => text !== '');
      return `${start} ${parts.join('  ')}`.trimEnd();
    },
    () => {
      const what = isStopping() ? 'stopped' : 'failed';
      return `${head(paint('bad', '✗'))} ${what}${paint('quiet', formatTook(getSeconds()))}`;
    },
  );
  const log = tellNowAndThen(terminal, () => {
    const text = transfer === undefined ? shown : describeTransfer(transfer);
    return `  … ${title}${text === '' ? '' : `: ${text}`}, ${formatDuration(Math.round(getSeconds()))} so far`;
  });
  return makeStep(
    (result = '') => {
      log.end();
      row.remove();
      if (rowsOnly) return;
      const took = paint('quiet', formatTook(getSeconds()));
      const text = `${escapeControls(result)}${took}`;
      terminal.print(
        wrapLine(`${head(paint('good', '✓'))} `, head('✓').length + 1, text, terminal.getColumns()),
      );
    },
    {
      update: (text) => {
        shown = escapeControls(text);
        transfer = undefined;
        row.changed();
      },
      bytes: (doneBytes, totalBytes) => {
        transfer = meter(doneBytes, totalBytes);
        row.changed();
      },
    },
  );
}

function formatTook(seconds: number): string {
  return seconds < 0.95 ? '' : `  (${formatDuration(seconds)})`;
}

/** Off a terminal: a line after ten seconds, then each minute. */
function tellNowAndThen(terminal: Terminal, describe: () => string): { end(): void } {
  if (terminal.isLive) return { end: () => undefined };
  let timer = setTimeout(function tell() {
    terminal.print(describe());
    timer = setTimeout(tell, STEP_EVERY_MS).unref();
  }, FIRST_WORD_MS).unref();
  return { end: () => clearTimeout(timer) };
}

function startTransfer(
  terminal: Terminal,
  title: string,
  totalBytes: number | undefined,
  now: () => number,
): ProgressBar {
  const meter = createMeter(now);
  let toldAtMs = now();
  let transfer: Transfer = { doneBytes: 0, totalBytes, rate: 0 };
  const row = terminal.addRow((columns) => {
    const start = `    ${title} `;
    return `${start}${drawTransfer(transfer, columns - start.length)}`;
  });
  return {
    update: (doneBytes) => {
      transfer = meter(doneBytes, totalBytes);
      row.changed();
      if (terminal.isLive || now() - toldAtMs < BYTES_EVERY_MS) return;
      toldAtMs = now();
      terminal.print(`    ${title}: ${describeTransfer(transfer)}`);
    },
    done: () => row.remove(),
  };
}

function startWaiting(terminal: Terminal, now: () => number): WaitingLine {
  let shown = '';
  let row: Row | undefined;
  let toldAtMs = now();
  return {
    update: (text: string) => {
      shown = `  … ${escapeControls(text)}`;
      row ??= terminal.addRow(() => shown);
      row.changed();
      if (terminal.isLive || now() - toldAtMs < WAITING_EVERY_MS) return;
      toldAtMs = now();
      terminal.print(shown);
    },
    done: () => {
      row?.remove();
      row = undefined;
    },
  };
}
