import { parseResources, type Resources } from '../formats/probe-lines.ts';
import { type BootRecord, findLink, lastLookAt, probeLines } from './boot-record.ts';
import { measureRecoveries } from './evaluate-recovery.ts';
import { type Evaluator, failed, met, pending, skipped } from './milestone-result.ts';
import type { Scenario } from './scenario.ts';

/** Resources used while the link was idle, between the first and the last look. */
export interface IdleUse {
  readonly seconds: number;
  /** Of the whole system, per minute: processes started, and switches from one to another. */
  readonly systemForksPerMinute: number;
  readonly systemSwitchesPerMinute: number;
  /** Null where the image has no supervisor. Processor time with that of the programs it ran. */
  readonly supervisor: {
    readonly wakeupsPerMinute: number;
    readonly processorSecondsPerHour: number;
  } | null;
}

/**
 * The growth that is allowed from beginning to end. Kernel threads come and go, the journal and caches fill up. A leak
 * of one process, one open file or 100 kB in each of twenty drops exceeds it.
 */
const GROWTH = { processes: 6, files: 64, kb: 16 * 1024, supervisorFiles: 1, supervisorKb: 1024 } as const;
/** With fewer looks, one outlier would decide. */
const LEAST_LOOKS = 3;

/** After all faults the link stays up by itself for the scenario's time, and nothing has grown. */
export const evaluateStability: Evaluator = ({ scenario }, record) => {
  const forMs = steadyForMs(scenario);
  if (forMs === undefined) return skipped('the scenario has no idle time');
  const sinceMs = quietSince(scenario, record);
  if (sinceMs === undefined) return pending('not all faults are over');
  const recovery = probeLines(record, 'journal', sinceMs).find(({ text }) =>
    /wwanpi-supervisor.*: recovery level \d/.test(text),
  );
  if (recovery !== undefined) return failed(`the link went down by itself: ${recovery.text}`);
  const lost = probeLines(record, 'address', sinceMs).find(({ text }) => text === '');
  if (lost !== undefined) return failed(`${findLink(record)} lost its address by itself`);
  if ((lastLookAt(record, 'address') ?? -1) < sinceMs + forMs) {
    return pending(`quiet for less than ${forMs / 1000} s`);
  }
  const before = looks(record, ...beforeDrops(scenario, record, sinceMs));
  const after = looks(record, sinceMs, Number.POSITIVE_INFINITY).slice(-LEAST_LOOKS);
  if (before.length < LEAST_LOOKS || after.length < LEAST_LOOKS) {
    return failed(`only ${before.length} and ${after.length} looks at the resources, before and after`);
  }
  const growth = measureGrowth(before, after);
  const shown = growth.map(({ what, from, to }) => `${what} ${from} → ${to}`).join(', ');
  const grown = growth.filter(({ by, limit }) => by > limit).map(({ what }) => what);
  if (grown.length > 0) return failed(`grown: ${grown.join(', ')} (${shown})`);
  return met(sinceMs + forMs, `online for ${forMs / 1000} s more; ${shown}`);
};

/** Resources used in the scenario's idle time; undefined without such a time or with fewer than two looks. */
export function measureIdle(scenario: Scenario, record: BootRecord): IdleUse | undefined {
  const sinceMs = steadyForMs(scenario) === undefined ? undefined : quietSince(scenario, record);
  if (sinceMs === undefined) return undefined;
  const all = looks(record, sinceMs, Number.POSITIVE_INFINITY);
  const [first] = all;
  const last = all.at(-1);
  if (first === undefined || last === undefined || first === last) return undefined;
  const seconds = last.uptimeSeconds - first.uptimeSeconds;
  const per = (unitSeconds: number, from: number, to: number) =>
    Math.round(((to - from) / seconds) * unitSeconds * 10) / 10;
  const [from, to] = [first.supervisor, last.supervisor];
  return {
    seconds: Math.round(seconds),
    systemForksPerMinute: per(60, first.forks, last.forks),
    systemSwitchesPerMinute: per(60, first.switches, last.switches),
    supervisor:
      from === undefined || to === undefined
        ? null
        : {
            wakeupsPerMinute: per(60, from.wakeups, to.wakeups),
            processorSecondsPerHour: per(3600, from.processorSeconds, to.processorSeconds),
          },
  };
}

type Look = Resources & { readonly uptimeSeconds: number };

function looks(record: BootRecord, fromMs: number, toMs: number): Look[] {
  return probeLines(record, 'resources', fromMs)
    .filter(({ t }) => t < toMs)
    .flatMap(({ text, uptimeSeconds }) => {
      const resources = parseResources(text);
      return resources === undefined ? [] : [{ ...resources, uptimeSeconds }];
    });
}

/** When the link was back after the last drop; if nothing drops, when the first page was fetched. */
function quietSince(scenario: Scenario, record: BootRecord): number | undefined {
  const planned = scenario.behaviour.faults?.length ?? 0;
  if (planned === 0) return onlineAt(record);
  const backs = measureRecoveries(record).map(({ fromMs, tookMs }) => fromMs + (tookMs ?? Number.NaN));
  return backs.length < planned || backs.some(Number.isNaN) ? undefined : Math.max(...backs);
}

/** The time before anything could grow: up to the first drop, or the first third of the idle time. */
function beforeDrops(scenario: Scenario, record: BootRecord, sinceMs: number): [number, number] {
  const drop = record.events.find(({ type }) => type === 'fault')?.t;
  return [onlineAt(record) ?? sinceMs, drop ?? sinceMs + (steadyForMs(scenario) ?? 0) / 3];
}

function onlineAt(record: BootRecord): number | undefined {
  return probeLines(record, 'fetch').find(({ text }) => text.startsWith('ok '))?.t;
}

interface Growth {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly by: number;
  readonly limit: number;
}

function measureGrowth(before: readonly Look[], after: readonly Look[]): Growth[] {
  const compare = (what: string, limit: number, read: (look: Look) => number | undefined): Growth[] => {
    const from = median(before.map(read));
    const to = median(after.map(read));
    if (from === undefined || to === undefined) return [];
    return [{ what, from, to, by: what === 'kB available' ? from - to : to - from, limit }];
  };
  return [
    ...compare('processes', GROWTH.processes, ({ processes }) => processes),
    ...compare('open files', GROWTH.files, ({ files }) => files),
    ...compare('kB available', GROWTH.kb, ({ availableKb }) => availableKb),
    ...compare("supervisor's files", GROWTH.supervisorFiles, ({ supervisor }) => supervisor?.files),
    ...compare("supervisor's kB", GROWTH.supervisorKb, ({ supervisor }) => supervisor?.kb),
  ];
}

/** The median; undefined if any value is missing. */
function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted.length < values.length ? undefined : sorted[Math.floor(sorted.length / 2)];
}

function steadyForMs({ expected }: Scenario): number | undefined {
  return expected.verdict === 'online' ? expected.steadyForMs : undefined;
}
