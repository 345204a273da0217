import { formatBytes, formatDuration } from '../formats/units.ts';

/** How far a transfer is, and how fast. */
export interface Transfer {
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  /** Bytes a second; 0 where it is not known yet. */
  readonly rate: number;
}

/** Measures a transfer since the first call, so that bytes which an earlier run fetched do not count as speed. */
export function createMeter(
  now: () => number,
): (doneBytes: number, totalBytes: number | undefined) => Transfer {
  let first: { readonly atMs: number; readonly bytes: number } | undefined;
  return (doneBytes, totalBytes) => {
    first ??= { atMs: now(), bytes: doneBytes };
    const seconds = (now() - first.atMs) / 1000;
    return { doneBytes, totalBytes, rate: seconds < 1 ? 0 : (doneBytes - first.bytes) / seconds };
  };
}

/** For a log: "40 MB of 100 MB, 2 MB/s, 30 s left". */
export function describeTransfer(transfer: Transfer): string {
  const { doneBytes, totalBytes, rate } = transfer;
  const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
  const left = describeLeft(transfer);
  return `${formatBytes(doneBytes)}${of}, ${formatBytes(Math.round(rate))}/s${left === '' ? '' : `, ${left}`}`;
}

const BAR_COLUMNS = 24;
const SMALLEST_BAR = 8;

/**
 * For one row of a terminal: a bar, and what fits beside it: "▓▓▓▓░░░░  45 %  12 MB/s  30 s left". Without a total, the bytes.
 * @param columns room for it
 */
export function drawTransfer(transfer: Transfer, columns: number): string {
  const { doneBytes, totalBytes, rate } = transfer;
  const speed = rate === 0 ? '' : `${formatBytes(Math.round(rate))}/s`;
  if (totalBytes === undefined) return joinParts([formatBytes(doneBytes), speed]);
  const part = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const left = describeLeft(transfer);
  for (const parts of [[percent, speed, left], [percent, left], [percent]]) {
    const room = columns - joinParts(['', ...parts]).length - 2;
    if (room >= SMALLEST_BAR) return joinParts([drawBar(part, Math.min(BAR_COLUMNS, room)), ...parts]);
  }
  return percent.trimStart();
}

function drawBar(part: number, columns: number): string {
  const full = Math.round(part * columns);
  return '▓'.repeat(full) + '░'.repeat(columns - full);
}

/** In whole seconds, beyond a minute in steps of five: figures of a moment jump. More than a day is no forecast. */
function describeLeft({ doneBytes, totalBytes, rate }: Transfer): string {
  if (totalBytes === undefined || rate <= 0 || doneBytes >= totalBytes) return '';
  const seconds = (totalBytes - doneBytes) / rate;
  if (seconds > 86_400) return '';
  const step = seconds < 60 ? 1 : 5;
  const rounded = Math.ceil(seconds / step) * step;
  return `${rounded < 10 ? `${rounded} s` : formatDuration(rounded)} left`;
}

function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('  ');
}
