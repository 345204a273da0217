import { formatSeconds } from '../formats/units.ts';
import type { Fault } from '../modem/behaviour.ts';
import type { TimedEvent } from '../modem/events.ts';
import type { BootRecord } from './boot-record.ts';
import { type Evaluator, failed, met, pending, skipped } from './milestone-result.ts';
import type { Scenario } from './scenario.ts';

/** The page that the probe fetches again and again once it was online, over the modem only, from its gateway. */
export const ALIVE_PATH = '/alive';
/** Traffic that was under way may still arrive after a fault began. */
const GRACE_MS = 3000;
/** Faults that the link may survive for a while. */
const SLOW: readonly string[] = ['dhcp'] satisfies Fault['what'][];
/** Faults that only the host ends: recovery counts from their begin. */
const ENDED_BY_HOST: readonly string[] = ['hang', 'clients-exhausted'] satisfies Fault['what'][];

/** One fault, and how long the recovery took; times since power-on. */
export interface Recovery {
  readonly what: string;
  /** When recovery could begin: the fault's end, or its start if nothing ends it. */
  readonly fromMs: number;
  readonly tookMs: number | undefined;
  /** False if a page was fetched in the middle of the fault. */
  readonly broke: boolean;
}

/** The recovery from each fault that has ended so far. */
export function measureRecoveries(record: BootRecord): Recovery[] {
  const alive = record.events.filter(isAlive).map(({ t }) => t);
  return listFaults(record.events).map(({ what, beginMs, endMs }) => {
    const fromMs = ENDED_BY_HOST.includes(what) ? beginMs : (endMs ?? beginMs);
    const back = alive.find((t) => t > fromMs + (fromMs === beginMs ? GRACE_MS : 0));
    const broke = endMs === undefined || !alive.some((t) => t > beginMs + GRACE_MS && t < endMs);
    return { what, fromMs, tookMs: back === undefined ? undefined : back - fromMs, broke };
  });
}

/** Online again after each fault of the scenario, within its bound. */
export const evaluateRecovery: Evaluator = ({ scenario }, record) => {
  const usualMs = getBound(scenario);
  if (usualMs === undefined) return skipped('nothing breaks in this scenario');
  const planned = scenario.behaviour.faults?.length ?? 0;
  const seen = measureRecoveries(record);
  for (const { what, fromMs, tookMs, broke } of seen) {
    if (!broke && !SLOW.includes(what)) return failed(`the fault "${what}" broke nothing`);
    const boundMs = getBound(scenario, what) ?? usualMs;
    const waitedMs = tookMs ?? record.elapsedMs - fromMs;
    const late = `${formatSeconds(waitedMs)} after "${what}", and ${formatSeconds(boundMs)} are allowed`;
    if (waitedMs > boundMs)
      return failed(tookMs === undefined ? `offline still ${late}` : `online again only ${late}`);
  }
  const done = seen.flatMap(({ what, fromMs, tookMs }) =>
    tookMs === undefined ? [] : [{ what, fromMs, tookMs }],
  );
  if (done.length < planned)
    return pending(`${done.length} of ${planned} faults are over and the link is back`);
  const longest = [...done].sort((a, b) => b.tookMs - a.tookMs)[0];
  const last = done.at(-1);
  const times = planned === 1 ? '' : ` at most, ${planned} times`;
  return met(
    last === undefined ? 0 : last.fromMs + last.tookMs,
    `online again after ${formatSeconds(longest?.tookMs ?? 0)}${times} (bound ${formatSeconds(getBound(scenario, longest?.what) ?? usualMs)})`,
  );
};

function getBound({ expected }: Scenario, what?: string): number | undefined {
  if (expected.verdict !== 'online') return undefined;
  return what === 'hang'
    ? (expected.hangRecoversWithinMs ?? expected.recoversWithinMs)
    : expected.recoversWithinMs;
}

interface Span {
  readonly what: string;
  readonly beginMs: number;
  readonly endMs: number | undefined;
}

/** Each fault with its end; undefined where nothing ends it. A fault that is still going on is left out. */
function listFaults(events: readonly TimedEvent[]): Span[] {
  const spans: Span[] = [];
  const open = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'fault') continue;
    const { what, state, t } = event;
    if (state === 'begin' && ['call', 'clients'].includes(what))
      spans.push({ what, beginMs: t, endMs: undefined });
    else if (state === 'begin') open.set(what, t);
    else {
      spans.push({ what, beginMs: open.get(what) ?? t, endMs: t });
      open.delete(what);
    }
  }
  for (const [what, beginMs] of open)
    if (ENDED_BY_HOST.includes(what)) spans.push({ what, beginMs, endMs: undefined });
  return spans;
}

function isAlive(event: TimedEvent): boolean {
  return event.type === 'http' && event.path === ALIVE_PATH;
}
