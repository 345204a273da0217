import { type ProbeLine, parseLook, parseUnits, type UnitState } from '../formats/probe-lines.ts';
import type { TimedEvent } from '../modem/events.ts';

/** Everything seen of a boot so far. All times are milliseconds of the guest's time since power-on. */
export interface BootRecord {
  readonly elapsedMs: number;
  /** The moment of the snapshot from which the guest went on; 0 for a whole boot. */
  readonly resumedAtMs: number;
  readonly console: readonly ConsoleLine[];
  readonly probe: readonly TimedProbeLine[];
  /** The events of the emulated modem. */
  readonly events: readonly TimedEvent[];
  /** What a person reads in wwanpi-status.txt; undefined where the boot is not on a copy, or the image has no such file. */
  readonly statusFile?: string | undefined;
  /** Why the machine has stopped; undefined while it runs. */
  readonly ended: string | undefined;
}

/** A line of the serial console. */
export interface ConsoleLine {
  readonly t: number;
  readonly text: string;
}

/** A line of the probe; `t` is when the probe said it. */
export interface TimedProbeLine extends ProbeLine {
  readonly t: number;
}

/** The last lines of these kinds, newest last. */
export function probeLines(record: BootRecord, kind: string, sinceMs = 0): TimedProbeLine[] {
  return record.probe.filter((line) => line.kind === kind && line.t >= sinceMs);
}

/**
 * When the probe began its last finished look at things of this kind; undefined before the first. Only a look that
 * began after an event can show the effect of that event.
 */
export function lastLookAt(record: BootRecord, kind: string): number | undefined {
  const line = record.probe.findLast(
    (each) => each.kind === 'looked' && parseLook(each.text)?.kinds.includes(kind) === true,
  );
  const look = line === undefined ? undefined : parseLook(line.text);
  if (line === undefined || look === undefined) return undefined;
  return line.t - (line.uptimeSeconds - look.uptimeSeconds) * 1000;
}

/** The last line of the kind, if it still holds: it was printed after that moment, or a later look confirmed it. */
export function currentLine(record: BootRecord, kind: string, sinceMs: number): TimedProbeLine | undefined {
  const line = probeLines(record, kind).at(-1);
  const isCurrent = (line?.t ?? -1) >= sinceMs || (lastLookAt(record, kind) ?? -1) >= sinceMs;
  return isCurrent ? line : undefined;
}

/** The modem's network interface as it was last seen: NetworkManager takes any name, ifupdown knows `wwan0` alone. */
export function findLink(record: BootRecord): string {
  return probeLines(record, 'link').at(-1)?.text ?? 'wwan0';
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

/** systemd 232 and 252 (src/core, units/emergency.service), and the kernel's panic(). */
const COLLAPSE =
  /You are in (?:emergency|rescue) mode|Reached target Emergency Mode|Kernel panic - not syncing.*|the root account is locked/;
/** systemd's message on the console about a unit that it could not start. */
const CAUSE = /\b(?:Timed out waiting for|Failed to|Dependency failed for) .*/;

/**
 * Why the system cannot come up any more, if its console says so: emergency mode or a kernel panic. The first failure
 * before that is part of the answer.
 */
export function findCollapse({ console }: BootRecord): string | undefined {
  const lines = console.map(({ text }) => text.replaceAll(/\[[\d;]*m/g, ''));
  const at = lines.findIndex((line) => COLLAPSE.test(line));
  if (at === -1) return undefined;
  const what = /Kernel panic.*/.exec(lines[at] ?? '')?.[0] ?? 'the system went into emergency mode';
  const cause = lines.slice(0, at).flatMap((line) => CAUSE.exec(line)?.[0].trim() ?? [])[0];
  return cause === undefined ? what : `${what}: ${cause}`;
}
