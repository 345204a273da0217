import { type Clock, createDrivenClock } from '../../src/modem/clock.ts';

/** A clock that moves only when a test advances it; timers run in the order of their times. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(): ManualClock {
  const clock = createDrivenClock();
  return { now: clock.now, after: clock.after, advance: (ms) => clock.advanceTo(clock.now() + ms) };
}
