/** The modem's time. A unit test drives it, so a scenario of minutes takes microseconds. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never decreases. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; the returned function cancels that. */
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

/** A clock that moves only when it is advanced. */
export interface DrivenClock extends Clock {
  /** Advances to `ms` and runs the timers that are due by then, in the order of their times. Never moves back. */
  advanceTo(ms: number): void;
}

/** A clock at 0 that QEMU's guest or a test drives. */
export function createDrivenClock(): DrivenClock {
  let now = 0;
  const waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const findDue = (endMs: number) =>
    [...waiting].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { atMs: now + Math.max(0, delayMs), run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    advanceTo(ms) {
      // A timer may start another one that is due too.
      for (let due = findDue(ms); due !== undefined; due = findDue(ms)) {
        waiting.delete(due);
        now = Math.max(now, due.atMs);
        due.run();
      }
      now = Math.max(now, ms);
    },
  };
}

/** The timers of one owner, which can be cancelled together. */
export interface Timers {
  after(delayMs: number, run: () => void): () => void;
  cancelAll(): void;
}

/** An owner without timers yet. */
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
