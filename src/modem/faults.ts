import type { Fault, Moment } from './behaviour.ts';
import { type Clock, createTimers } from './clock.ts';
import type { EventLog, TimedEvent } from './events.ts';

/** Faults that are over at once or that the host ends: no timer ends them. */
const ENDLESS: readonly Fault['what'][] = ['call', 'clients', 'hang', 'clients-exhausted'];

/** Breaks one thing, or repairs it. */
export type FaultActions = Readonly<Record<Fault['what'], (broken: boolean) => void>>;

/** Waits for the moments that start faults, and starts them. The returned function ends that. */
export function runFaults(
  faults: readonly Fault[],
  log: EventLog,
  clock: Clock,
  actions: FaultActions,
): () => void {
  const timers = createTimers(clock);
  let waiting = [...faults];

  function set(fault: Fault, broken: boolean) {
    log.record({ type: 'fault', what: fault.what, state: broken ? 'begin' : 'end' });
    actions[fault.what](broken);
  }

  const stop = log.subscribe((event) => {
    const moment = getMoment(event);
    if (moment === undefined) return;
    const due = waiting.filter((fault) => fault.after === moment);
    waiting = waiting.filter((fault) => fault.after !== moment);
    for (const fault of due) {
      timers.after(fault.ms, () => set(fault, true));
      if (fault.forMs === undefined || ENDLESS.includes(fault.what)) continue;
      timers.after(fault.ms + fault.forMs, () => set(fault, false));
    }
  });
  return () => {
    stop();
    timers.cancelAll();
  };
}

/** The moment that an event marks, if any. */
export function getMoment(event: TimedEvent): Moment | undefined {
  switch (event.type) {
    case 'power-on':
      return 'power-on';
    case 'usb':
      return event.what === 'plug' ? 'plug' : undefined;
    case 'registration':
      return event.state === 'registered' ? 'registered' : undefined;
    case 'qmi':
    case 'mbim':
      return 'qmi';
    case 'call':
      return event.what === 'start' ? 'call' : undefined;
    case 'lease':
      return event.what === 'bound' ? 'lease' : undefined;
    case 'dns':
      return event.answer === 'lost' ? undefined : 'dns';
    case 'icmp':
      return 'ping';
    case 'http':
      return 'fetch';
    default:
      return undefined;
  }
}
