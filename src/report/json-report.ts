import { findMainFile } from '../core/model.ts';
import { makeStep, type ProgressBar, type Reporter } from '../core/reporter.ts';
import type { FleetProgress } from '../fleet/fleet-progress.ts';
import { escapeJson } from '../formats/printable.ts';
import type { ReportStream } from './terminal.ts';

/** The severity of a line. */
export type LogLevel = 'info' | 'warning' | 'error';

/** The fields of a line besides time, level and event. Undefined fields are left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How often one transfer reports its progress. */
const PROGRESS_EVERY_MS = 1000;
const WAITING_EVERY_MS = 10_000;

/** One line of `--log json`: `ts` (ISO 8601, UTC), `level`, `event`, then the event's own fields. */
export function formatLogLine(level: LogLevel, event: string, fields: LogFields, nowMs = Date.now()): string {
  return `${escapeJson(JSON.stringify({ ts: new Date(nowMs).toISOString(), level, event, ...fields }))}\n`;
}

/**
 * The reporter for programs (`--log json`): one JSON object a line. Events: `step-start` and `step-end` (step, message,
 * seconds), between them `count` (step, done, total, unit) and `progress` (step, bytes, totalBytes), `info` and `warning`
 * (message), `stopping`, `waiting` (milestone, seconds, limitSeconds, wallSeconds, processorShare).
 * @param options.quiet only warnings (and the error that cli.ts adds)
 */
export function createJsonReporter(
  stream: ReportStream,
  options: { quiet?: boolean; now?: () => number } = {},
): Reporter {
  const { quiet = false, now = Date.now } = options;
  const tell = (level: LogLevel, event: string, fields: LogFields): void => {
    if (!quiet || level !== 'info') stream.write(formatLogLine(level, event, fields, now()));
  };
  return {
    step: (step) => {
      const startMs = now();
      tell('info', 'step-start', { step });
      const counts = limitRate(now, (fields: object) => tell('info', 'count', { step, ...fields }));
      const transfers = limitRate(now, (fields: object) => tell('info', 'progress', { step, ...fields }));
      return makeStep(
        (result) => {
          counts.last();
          transfers.last();
          tell('info', 'step-end', { step, message: result, seconds: (now() - startMs) / 1000 });
        },
        {
          update: (message, fields) => counts.next({ message, ...fields }),
          bytes: (bytes, totalBytes) => transfers.next({ bytes, totalBytes }),
        },
      );
    },
    info: (message, fields) => tell('info', 'info', { message: message.trim(), ...fields }),
    warn: (message) => tell('warning', 'warning', { message }),
    progress: (step, totalBytes): ProgressBar => {
      const { next, last } = limitRate(now, (bytes: number) =>
        tell('info', 'progress', { step, bytes, totalBytes }),
      );
      return { update: next, done: last };
    },
    waiting: () => {
      let toldAtMs = Number.NEGATIVE_INFINITY;
      return {
        update: (message, { event = 'waiting', ...fields }) => {
          if (now() - toldAtMs < WAITING_EVERY_MS) return;
          toldAtMs = now();
          tell('info', String(event), { message, ...fields });
        },
        done: () => undefined,
      };
    },
    fail: () => undefined,
    stopping: () => tell('info', 'stopping', {}),
    hold: (work) => work(),
  };
}

/**
 * A fleet's progress for programs: `image-start`, `image-step` and `image-end` (image, verdict, bytes, seconds, and the
 * message of a failure), each with `done` and `total` images.
 */
export function createJsonFleetProgress(
  stream: ReportStream,
  options: { total: number; quiet?: boolean; now?: () => number },
): FleetProgress {
  const { total, quiet = false, now = Date.now } = options;
  let done = 0;
  const tell = (level: LogLevel, event: string, fields: LogFields): void => {
    if (!quiet || level !== 'info')
      stream.write(formatLogLine(level, event, { ...fields, done, total }, now()));
  };
  return {
    begin: (image) => tell('info', 'image-start', { image }),
    step: (image, step) => tell('info', 'image-step', { image, step }),
    finish: ({ name, verdict, seconds, files, error }) => {
      done += 1;
      const bytes = findMainFile(files)?.sizeBytes;
      const level = verdict === 'failed' ? 'warning' : 'info';
      tell(level, 'image-end', { image: name, verdict, bytes, seconds, message: error });
    },
    close: () => undefined,
  };
}

/** Passes on the first value, at most one a second, and the last. */
function limitRate<T>(now: () => number, tell: (value: T) => void): { next(value: T): void; last(): void } {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let waiting: { readonly value: T } | undefined;
  const last = (): void => {
    if (waiting === undefined) return;
    const { value } = waiting;
    waiting = undefined;
    toldAtMs = now();
    tell(value);
  };
  return {
    next: (value) => {
      waiting = { value };
      if (now() - toldAtMs >= PROGRESS_EVERY_MS) last();
    },
    last,
  };
}
