import { NetworkError } from '../core/errors.ts';

/** When a download is too slow. */
export interface PaceOptions {
  /** A clock in milliseconds. */
  readonly now?: () => number;
  /** Over this time … */
  readonly windowMs?: number;
  /** … at least so many bytes per second must arrive. */
  readonly minBytesPerSecond?: number;
}

/** Measures the progress of a download over all of its tries. */
export interface Pace {
  /**
   * Notes that `newBytes` arrived and `doneBytes` of the file are complete.
   * @throws NetworkError when the download is too slow
   */
  note(newBytes: number, doneBytes: number): void;
  /** The same when nothing arrived. */
  check(): void;
  /** Largest part of the file so far. A part that was discarded and arrives again does not increase it. */
  mostBytes(): number;
}

/** Starts to measure. By default a download must reach 1 kB/s over two minutes. */
export function startPace(url: string, options: PaceOptions = {}): Pace {
  const { now = () => performance.now(), windowMs = 120_000, minBytesPerSecond = 1000 } = options;
  let mostBytes = 0;
  let windowStartMs = now();
  let windowBytes = 0;
  const check = (): void => {
    const passedMs = now() - windowStartMs;
    if (passedMs < windowMs) return;
    if (windowBytes < (minBytesPerSecond * passedMs) / 1000) throw tooSlow(url, passedMs);
    windowStartMs = now();
    windowBytes = 0;
  };
  return {
    note(newBytes, doneBytes) {
      mostBytes = Math.max(mostBytes, doneBytes);
      windowBytes += newBytes;
      check();
    },
    check,
    mostBytes: () => mostBytes,
  };
}

function tooSlow(url: string, passedMs: number): NetworkError {
  const seconds = Math.round(passedMs / 1000);
  return new NetworkError(`could not download ${url}: received almost nothing in ${seconds} s`, {
    hint: 'run the command again later or on another network; the download resumes',
  });
}
