import type { Clock } from './clock.ts';

/** Runs what handles a guest's bytes. An error there is a bug of the emulator, and the guest must not end wwanpi by it. */
export interface Guard {
  /** Runs it, unless something failed before. */
  run(handler: () => void): void;
  /** The same clock; its timers run under the guard. */
  watch(clock: Clock): Clock;
}

/**
 * A guard for one emulator. After the first error nothing runs any more: what the emulator would do then means nothing.
 * @param fail is called once, with the error and where it came from
 */
export function createGuard(fail: (why: string) => void): Guard {
  let failed = false;
  const run = (handler: () => void) => {
    if (failed) return;
    try {
      handler();
    } catch (error) {
      failed = true;
      fail(describe(error));
    }
  };
  return {
    run,
    watch: (clock) => ({
      now: () => clock.now(),
      after: (delayMs, handler) => clock.after(delayMs, () => run(handler)),
    }),
  };
}

/** The error, and the function that threw it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const at = /^\s+at (\S+)/m.exec(error.stack ?? '')?.[1];
  return `${error.name}: ${error.message}${at === undefined ? '' : ` (in ${at})`}`;
}
