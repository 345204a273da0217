/** Time as the modem sees it, so that a scenario of minutes runs in a unit test of microseconds. */
export interface Clock {
  /** Milliseconds since an arbitrary start; only goes forward. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The host's monotonic clock. Its timers do not keep the process alive: the socket server does. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The timers of one owner, so that everything still under way ends with it. */
export interface Timers {
  after(delayMs: number, run: () => void): () => void;
  cancelAll(): void;
}

/** Timers that can be cancelled together. */
export function createTimers(clock: Clock): Timers {
  const cancels = new Set<() => void>();
  return {
    after(delayMs, run) {
      const stop = clock.after(delayMs, () => {
        cancels.delete(cancel);
        run();
      });
      const cancel = () => {
        cancels.delete(cancel);
        stop();
      };
      cancels.add(cancel);
      return cancel;
    },
    cancelAll() {
      for (const cancel of [...cancels]) cancel();
    },
  };
}
