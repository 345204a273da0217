import { findMainFile } from '../core/model.ts';
import type { ProgressBar, Reporter } from '../core/reporter.ts';
import type { FleetProgress } from '../fleet/fleet-progress.ts';
import { escapeJson } from '../formats/printable.ts';
import type { ReportStream } from './terminal-report.ts';

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
 * seconds), `info` and `warning` (message), `progress` (step, bytes, totalBytes), `waiting` (milestone, seconds, limitSeconds,
 * wallSeconds, processorShare).
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
      return (result) =>
        tell('info', 'step-end', { step, message: result, seconds: (now() - startMs) / 1000 });
    },
    info: (message, fields) => tell('info', 'info', { message: message.trim(), ...fields }),
    warn: (message) => tell('warning', 'warning', { message }),
    progress: (step, totalBytes) =>
      followBytes(now, (bytes) => tell('info', 'progress', { step, bytes, totalBytes })),
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

/** Passes on the first update, at most one a second, and the last. */
function followBytes(now: () => number, tell: (bytes: number) => void): ProgressBar {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let toldBytes: number | undefined;
  let bytes: number | undefined;
  const tellOnce = (): void => {
    if (bytes === undefined || bytes === toldBytes) return;
    toldAtMs = now();
    toldBytes = bytes;
    tell(bytes);
  };
  return {
    update: (doneBytes) => {
      bytes = doneBytes;
      if (now() - toldAtMs >= PROGRESS_EVERY_MS) tellOnce();
    },
    done: tellOnce,
  };
}
