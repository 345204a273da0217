import { type Clock, createDrivenClock } from '../../src/modem/clock.ts';

/** A clock that stands still until told to go on; timers run in order of their time. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(): ManualClock {
  const clock = createDrivenClock();
  return { now: clock.now, after: clock.after, advance: (ms) => clock.advanceTo(clock.now() + ms) };
}
