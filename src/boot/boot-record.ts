import { type ProbeLine, parseUnits, type UnitState } from '../formats/probe-lines.ts';
import type { TimedEvent } from '../modem/events.ts';

/** Everything seen of a boot so far. All times are milliseconds since power-on. */
export interface BootRecord {
  readonly elapsedMs: number;
  readonly console: readonly ConsoleLine[];
  readonly probe: readonly TimedProbeLine[];
  /** What the stick saw. */
  readonly events: readonly TimedEvent[];
  /** Why the machine runs no longer, where it does not. */
  readonly ended: string | undefined;
}

/** A line of the serial console. */
export interface ConsoleLine {
  readonly t: number;
  readonly text: string;
}

/** A line of the probe; `t` is when it arrived on the host. */
export interface TimedProbeLine extends ProbeLine {
  readonly t: number;
}

/** The last lines of these kinds, newest last. */
export function probeLines(record: BootRecord, kind: string, sinceMs = 0): TimedProbeLine[] {
  return record.probe.filter((line) => line.kind === kind && line.t >= sinceMs);
}

/** The unit as it was last seen. */
export function findUnit(record: BootRecord, name: string): UnitState | undefined {
  const last = probeLines(record, 'units').at(-1);
  return last === undefined ? undefined : parseUnits(last.text).find((unit) => unit.name === name);
}

/** When the unit was first seen in that state. */
export function firstSeen(record: BootRecord, name: string, active: string): number | undefined {
  return probeLines(record, 'units').find((line) =>
    parseUnits(line.text).some((unit) => unit.name === name && unit.active === active),
  )?.t;
}

/** When the boot was done: multi-user.target reached. */
export function bootDoneAt(record: BootRecord): number | undefined {
  return firstSeen(record, 'multi-user.target', 'active');
}

/** Lines of the journal, without their times: `host ident[pid]: message`. */
export function journalLines(record: BootRecord): string[] {
  return probeLines(record, 'journal').map(({ text }) => text);
}
