import { formatSeconds } from '../formats/units.ts';
import type { Fault } from '../modem/behaviour.ts';
import type { TimedEvent } from '../modem/events.ts';
import type { BootRecord } from './boot-record.ts';
import { type Evaluator, failed, met, pending, skipped } from './milestone-result.ts';
import type { Scenario } from './scenario.ts';

/** What the probe asks for again and again once it was online; only over the stick, for the stick's own gateway. */
export const ALIVE_PATH = '/alive';
/** What was on its way may still arrive after a fault began. */
const GRACE_MS = 3000;
/** Faults after which the link may well live on for a while. */
const SLOW: readonly string[] = ['dhcp'] satisfies Fault['what'][];
/** Faults that the host alone ends: the way back begins with them. */
const ENDED_BY_HOST: readonly string[] = ['hang', 'clients-exhausted'] satisfies Fault['what'][];

/** One fault, and how long the way back took; times since power-on. */
export interface Recovery {
  readonly what: string;
  /** When it could begin to recover: the fault's end, or its begin where nothing ends it. */
  readonly fromMs: number;
  readonly tookMs: number | undefined;
  /** A page came through in the middle of it: it broke nothing. */
  readonly broke: boolean;
}

/** How it stands with each fault that has come and gone so far. */
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
  if (done.length < planned) return pending(`${done.length} of ${planned} faults are over and mended`);
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

/** Each fault with its end, where that has come or never will. One that is still going on is left out. */
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
