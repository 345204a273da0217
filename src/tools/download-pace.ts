import { NetworkError } from '../core/errors.ts';

/** What is too slow. */
export interface PaceOptions {
  /** A clock in milliseconds. */
  readonly now?: () => number;
  /** Over this long … */
  readonly windowMs?: number;
  /** … so many new bytes a second must have come. */
  readonly minBytesPerSecond?: number;
}

/** Watches how far a download comes, over all of its tries. */
export interface Pace {
  /**
   * So many bytes just came, and so much of the file is here now.
   * @throws NetworkError when it is too slow
   */
  note(newBytes: number, doneBytes: number): void;
  /** The same where nothing came. */
  check(): void;
  /** The most there ever was of the file: what was thrown away and came again is no progress. */
  mostBytes(): number;
}

/**
 * Begins to watch. A server that sends a byte now and then is no better than a silent one: below a kilobyte a second,
 * over two minutes, it is given up.
 */
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
  return new NetworkError(`could not download ${url}: almost nothing came in ${seconds} s`, {
    hint: 'what came is kept: run the command again later or on another network',
  });
}
