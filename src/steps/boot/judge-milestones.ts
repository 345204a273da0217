import { parseResolv, parseRoutes } from '../../formats/probe-lines.ts';
import type { TimedEvent } from '../../modem/events.ts';
import { MILESTONES, type Milestone, type Scenario } from '../../modem/scenarios.ts';
import { type BootRecord, bootDoneAt, findUnit, probeLines } from './boot-record.ts';
import { type ImageSetup, parseNameServers } from './parse-expectations.ts';

/** How it stands with one milestone. `atMs` is since power-on. */
export type Finding =
  | { readonly state: 'met'; readonly atMs: number; readonly evidence: string }
  /** It was not met and cannot be any more. */
  | { readonly state: 'failed'; readonly evidence: string }
  | { readonly state: 'pending'; readonly evidence: string }
  /** The image does not do this, on purpose. */
  | { readonly state: 'skipped'; readonly evidence: string };

/** What is being judged: what the image is set up for, what it should be set up for, and in which situation. */
export interface Trial {
  readonly setup: ImageSetup;
  /** The APN that is right: the image's own, unless the user says otherwise. */
  readonly apn: string;
  readonly scenario: Scenario;
}

/** Findings of all milestones, in their order. */
export type Findings = ReadonlyMap<Milestone, Finding>;

/** How long the system may take, after its lease, to finish what follows by itself. */
const SETTLE_MS = 60_000;
/** The probe gives up on its own before: six lookups of 30 s, five pings, three fetches. */
const NETWORK_MS = 280_000;

const IFUP = 'ifup@wwan0.service';
const NDISDUP = 'wwanpi-ndisdup.service';

/** Judges every milestone by what was seen so far. Pure: the same record gives the same findings. */
export function judgeMilestones(trial: Trial, record: BootRecord): Findings {
  return new Map(
    MILESTONES.map((name) => {
      const finding = JUDGES[name](trial, record);
      const over = finding.state === 'pending' && record.ended !== undefined;
      return [name, over ? failed(`${finding.evidence}; ${record.ended}`) : finding];
    }),
  );
}

type Judge = (trial: Trial, record: BootRecord) => Finding;

const JUDGES: Readonly<Record<Milestone, Judge>> = {
  kernel: (_trial, { console }) => {
    const line = console.find(({ text }) => text.includes('Linux version '));
    if (line === undefined) return pending('nothing on the console yet');
    return met(line.t, `Linux ${/Linux version (\S+)/.exec(line.text)?.[1]}`);
  },

  stick: ({ scenario }, record) => {
    const found = findStick(record.events);
    if (found.configuredAt !== undefined) {
      const switched =
        found.switchedAt === undefined ? '' : `, switched from 12d1:1505 at ${seconds(found.switchedAt)}`;
      return met(found.configuredAt, `12d1:1506 configured${switched}`);
    }
    const doneAt = bootDoneAt(record);
    const comesLater = scenario.machine.plugInAfterBootMs !== undefined;
    if (scenario.behaviour.absent === true && !comesLater && doneAt !== undefined) {
      return failed('no stick was plugged in');
    }
    if (found.factoryAt === undefined) return pending('no stick on the bus yet');
    const limit = Math.max(found.factoryAt, doneAt ?? Number.POSITIVE_INFINITY) + SETTLE_MS;
    return waitUntil(record, limit, 'the stick is still the mass storage 12d1:1505: nobody switched it');
  },

  'at-command': ({ setup, apn }, record) => {
    if (setup.ndisdupApn === undefined) return skipped('the image sends no AT^NDISDUP');
    const sent = record.events.flatMap((event) => {
      const named =
        event.type === 'at' ? /^AT\^NDISDUP=\d+,1,"([^"]*)"/i.exec(event.command)?.[1] : undefined;
      return event.type === 'at' && named !== undefined ? [{ ...event, named }] : [];
    });
    const wrong = sent.find(({ named }) => named !== apn);
    if (wrong !== undefined) return failed(`AT^NDISDUP named the APN "${wrong.named}" instead of "${apn}"`);
    const taken = sent.find(({ answer }) => answer === 'OK');
    if (taken !== undefined) return met(taken.t, `${taken.command} → OK`);
    const last = sent.at(-1);
    const so = last === undefined ? 'AT^NDISDUP has not come' : `AT^NDISDUP was answered ${last.answer}`;
    return findUnit(record, NDISDUP)?.active === 'failed' ? failed(`${so}; ${NDISDUP} failed`) : pending(so);
  },

  'start-network': ({ apn }, record) => {
    const wrong = record.events.find(
      (event) => event.type === 'call' && event.via === 'qmi' && event.what !== 'stop' && event.apn !== apn,
    );
    if (wrong?.type === 'call')
      return failed(`the QMI call named the APN "${wrong.apn}" instead of "${apn}"`);
    const start = record.events.find((event) => isQmiCall(event, 'start'));
    if (start?.type === 'call') {
      return met(start.t, `APN ${start.apn}${start.user === undefined ? '' : `, user ${start.user}`}`);
    }
    const so = describeRefusal(record.events) ?? 'no QMI start network yet';
    return ifupFailed(record) ? failed(`${so}; ${IFUP} failed`) : pending(so);
  },

  lease: ({ scenario }, record) => {
    const wanted = leasesWanted(scenario);
    const leases = record.events.filter(isLease);
    const last = leases[wanted - 1];
    const which = wanted === 1 ? '' : ` (lease ${wanted})`;
    if (last?.type === 'lease') return met(last.t, `${last.address} by DHCP${which}`);
    const so = leases.length === 0 ? 'no lease yet' : `${leases.length} of ${wanted} leases`;
    return ifupFailed(record) ? failed(`${so}; ${IFUP} failed`) : pending(so);
  },

  route: ({ setup, scenario }, record) => {
    const { expected } = scenario;
    const wanted = expected.verdict === 'online' ? expected.defaultRoute : 'wwan0';
    return afterLease(trialLease(scenario, record), record, SETTLE_MS, 'no default route over wwan0', () => {
      const line = probeLines(record, 'routes').at(-1);
      const routes = parseRoutes(line?.text ?? '');
      const own = routes.find(({ device }) => device === 'wwan0');
      if (line === undefined || own === undefined) return undefined;
      const shown = routes.map(({ device, gateway, metric }) => `${device} via ${gateway} metric ${metric}`);
      if (own.metric !== setup.metric) {
        return `${shown.join(', ')}; the image sets metric ${setup.metric} for wwan0`;
      }
      if (routes[0]?.device !== wanted) return `${shown.join(', ')}; ${wanted} should come first`;
      return { atMs: line.t, evidence: shown.join(', ') };
    });
  },

  'resolv-conf': ({ setup, scenario }, record) =>
    afterLease(trialLease(scenario, record), record, SETTLE_MS, 'no /etc/resolv.conf', () => {
      const line = probeLines(record, 'resolv').at(-1);
      const servers = parseNameServers(parseResolv(line?.text ?? ''));
      if (line === undefined || servers.length === 0) return undefined;
      const first = setup.nameServers;
      if (first.some((server, index) => servers[index] !== server)) {
        return `name servers ${servers.join(' ')}; the image puts ${first.join(' ')} first`;
      }
      return { atMs: line.t, evidence: `name servers ${servers.join(' ')}` };
    }),

  dns: networkJudge(
    'dns',
    (event) => event.type === 'dns' && event.name === PROBE_NAME && event.query === 'A',
  ),
  ping: networkJudge('ping', (event) => event.type === 'icmp'),
  fetch: networkJudge('fetch', (event) => event.type === 'http' && event.path === '/boot-test'),
};

/** What the probe asks for; under `.test` (RFC 6761), so that nobody else's query can be taken for it. */
const PROBE_NAME = 'probe.wwanpi.test';

/** The guest has to say that it worked, and the network to have seen it. */
function networkJudge(kind: string, proves: (event: TimedEvent) => boolean): Judge {
  return ({ scenario }, record) => {
    const leaseAt = trialLease(scenario, record);
    return afterLease(leaseAt, record, NETWORK_MS, `no ${kind} yet`, () => {
      const lines = probeLines(record, kind, leaseAt);
      const worked = lines.find(({ text }) => text.startsWith('ok '));
      if (worked === undefined) return lines.at(-1)?.text;
      const seen = record.events.some((event) => event.t >= (leaseAt ?? 0) && proves(event));
      const what = worked.text.slice('ok '.length).trim();
      return seen ? { atMs: worked.t, evidence: what } : `${what}, but not over the stick`;
    });
  };
}

/** Judges what has to hold some time after the lease: met, or what stands in the way. */
function afterLease(
  leaseAt: number | undefined,
  record: BootRecord,
  limitMs: number,
  nothing: string,
  look: () => { readonly atMs: number; readonly evidence: string } | string | undefined,
): Finding {
  if (leaseAt === undefined) return pending('no lease yet');
  const found = look();
  if (typeof found === 'object') return met(Math.max(found.atMs, leaseAt), found.evidence);
  return waitUntil(record, leaseAt + limitMs, found ?? nothing);
}

function trialLease(scenario: Scenario, record: BootRecord): number | undefined {
  return record.events.filter(isLease)[leasesWanted(scenario) - 1]?.t;
}

function leasesWanted({ expected }: Scenario): number {
  return expected.verdict === 'online' ? expected.leases : 1;
}

function isLease(event: TimedEvent): boolean {
  return event.type === 'lease' && event.what === 'bound';
}

function isQmiCall(event: TimedEvent, what: string): boolean {
  return event.type === 'call' && event.via === 'qmi' && event.what === what;
}

/** Where the last QMI start network went wrong, if one did. */
function describeRefusal(events: readonly TimedEvent[]): string | undefined {
  const refused = events.filter((event) => event.type === 'qmi' && isRefusedStart(event)).at(-1);
  if (refused?.type !== 'qmi') return undefined;
  const why = events.filter((event) => isQmiCall(event, 'refuse')).at(-1);
  const reason = why?.type === 'call' && why.why !== undefined ? ` (${why.why}, APN ${why.apn})` : '';
  return `start network was refused with QMI error ${refused.error}${reason}`;
}

/** A "start network" (WDS 0x0020) that was not granted. */
export function isRefusedStart(event: TimedEvent): boolean {
  return (
    event.type === 'qmi' &&
    event.service === 'WDS' &&
    Number.parseInt(event.message, 16) === 0x20 &&
    event.error !== 0
  );
}

function ifupFailed(record: BootRecord): boolean {
  return findUnit(record, IFUP)?.active === 'failed';
}

interface StickTimes {
  readonly configuredAt: number | undefined;
  readonly factoryAt: number | undefined;
  readonly switchedAt: number | undefined;
}

function findStick(events: readonly TimedEvent[]): StickTimes {
  let id: string | undefined;
  let configuredAt: number | undefined;
  let factoryAt: number | undefined;
  let switchedAt: number | undefined;
  for (const event of events) {
    if (event.type !== 'usb') continue;
    if (event.what === 'plug') id = event.id;
    if (event.what === 'plug' && event.id === '12d1:1505') factoryAt ??= event.t;
    if (event.what === 'mode-switch') switchedAt ??= event.t;
    if (event.what === 'set-configuration' && event.configuration !== 0 && id === '12d1:1506')
      configuredAt ??= event.t;
  }
  return { configuredAt, factoryAt, switchedAt };
}

function waitUntil(record: BootRecord, limitMs: number, evidence: string): Finding {
  return record.elapsedMs < limitMs ? pending(evidence) : failed(evidence);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function met(atMs: number, evidence: string): Finding {
  return { state: 'met', atMs, evidence };
}

function failed(evidence: string): Finding {
  return { state: 'failed', evidence };
}

function pending(evidence: string): Finding {
  return { state: 'pending', evidence };
}

function skipped(evidence: string): Finding {
  return { state: 'skipped', evidence };
}
