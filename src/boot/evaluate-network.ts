import { parseResolv, parseRoutes } from '../formats/probe-lines.ts';
import { formatSeconds } from '../formats/units.ts';
import type { TimedEvent } from '../modem/events.ts';
import { type BootRecord, currentLine, findLink, probeLines, type TimedProbeLine } from './boot-record.ts';
import { findLease } from './evaluate-lease.ts';
import {
  type Evaluator,
  failed,
  type MilestoneResult,
  met,
  pending,
  skipped,
  waitForLook,
  waitUntil,
} from './milestone-result.ts';
import { parseNameServers } from './parse-expectations.ts';
import type { Scenario } from './scenario.ts';

/** How long the system may take, after its lease, to finish what follows by itself. */
const SETTLE_MS = 60_000;
/** The probe itself gives up earlier: six lookups of 30 s, five pings, three fetches. */
const NETWORK_MS = 280_000;

/** A page may be long. */
const MAX_EVIDENCE = 60;

/** The name that the probe looks up: under `.test` (RFC 6761), so no other program asks for it. */
const PROBE_NAME = 'probe.wwanpi.test';

/** The default route over the modem with the metric of the image, and the right route first. */
export const evaluateRoute: Evaluator = ({ setup, scenario }, record) => {
  const { expected } = scenario;
  const link = findLink(record);
  const isSecond = expected.verdict === 'online' && expected.defaultRoute === 'eth0';
  return afterLook('routes', scenario, record, `no default route over ${link}`, (line) => {
    const routes = parseRoutes(line.text);
    const own = routes.find(({ device }) => device === link);
    if (own === undefined) return undefined;
    const shown = routes.map(({ device, gateway, metric }) => `${device} via ${gateway} metric ${metric}`);
    if (own.metric !== setup.metric) {
      return `${shown.join(', ')}; the image sets metric ${setup.metric} for ${link}`;
    }
    if ((routes[0] !== own) !== isSecond) {
      return `${shown.join(', ')}; ${isSecond ? 'eth0' : link} should come first`;
    }
    return { atMs: line.t, evidence: shown.join(', ') };
  });
};

/**
 * resolv.conf begins with the name servers of the image. NetworkManager puts those of the best default route before
 * them (nm-settings(5), ipv4.dns-priority).
 */
export const evaluateResolvConf: Evaluator = ({ setup, scenario }, record) =>
  afterLook('resolv', scenario, record, 'no /etc/resolv.conf', (line) => {
    const servers = parseNameServers(parseResolv(line.text));
    if (servers.length === 0) return undefined;
    const own = setup.nameServers;
    const { expected } = scenario;
    const isSecond =
      setup.stack === 'networkmanager' && expected.verdict === 'online' && expected.defaultRoute === 'eth0';
    const start = isSecond ? servers.indexOf(own[0] ?? '') : 0;
    if (own.some((server, index) => servers[start + index] !== server) || (isSecond && start === 0)) {
      return `name servers ${servers.join(' ')}; the image puts ${own.join(' ')} ${isSecond ? "after eth0's" : 'first'}`;
    }
    return { atMs: line.t, evidence: `name servers ${servers.join(' ')}` };
  });

/** A name was looked up over the modem. */
export const evaluateDns: Evaluator = (bootTest, record) => {
  const found = wasResolved(bootTest, record);
  const { expected } = bootTest.scenario;
  const boundMs = expected.verdict === 'online' ? expected.resolvesWithinMs : undefined;
  if (found.state !== 'met' || boundMs === undefined) return found;
  const tookMs = measureLookup(record, found.atMs);
  const evidence = `${found.evidence} after ${formatSeconds(tookMs)} (bound ${formatSeconds(boundMs)})`;
  return tookMs > boundMs ? failed(evidence) : met(found.atMs, evidence);
};

const wasResolved: Evaluator = trafficEvaluator(
  'dns',
  (event) => isProbeQuestion(event) && event.type === 'dns' && event.answer !== 'lost',
);

/** A ping was answered over the modem, where the network lets one through. */
export const evaluatePing: Evaluator = (bootTest, record) =>
  bootTest.scenario.behaviour.network?.drops?.icmp === true
    ? skipped('the network of this scenario lets no ping through')
    : wasPinged(bootTest, record);

const wasPinged: Evaluator = trafficEvaluator('ping', (event) => event.type === 'icmp');

/** A page was fetched over the modem. */
export const evaluateFetch: Evaluator = trafficEvaluator(
  'fetch',
  (event) => event.type === 'http' && event.path === '/boot-test',
);

function isProbeQuestion(event: TimedEvent): boolean {
  return event.type === 'dns' && event.name === PROBE_NAME && event.query === 'A';
}

/** From the first question of the lookup that succeeded at that moment to its answer, lost questions included. */
function measureLookup({ probe, events }: BootRecord, doneMs: number): number {
  const began = probe.findLast(({ kind, t }) => kind === 'dns' && t < doneMs)?.t ?? 0;
  const asked = events.filter((event) => isProbeQuestion(event) && event.t >= began && event.t <= doneMs);
  const first = asked[0]?.t ?? doneMs;
  return (asked.find((event) => event.type === 'dns' && event.answer !== 'lost')?.t ?? doneMs) - first;
}

/** Met when the guest reports success and the emulated network has seen the traffic. */
function trafficEvaluator(kind: string, proves: (event: TimedEvent) => boolean): Evaluator {
  return ({ scenario }, record) => {
    const leaseAt = findLease(scenario, record)?.t;
    if (leaseAt === undefined) return pending('no lease yet');
    const lines = probeLines(record, kind, leaseAt);
    const worked = lines.find(({ text }) => text.startsWith('ok '));
    const seen = record.events.some((event) => event.t >= leaseAt && proves(event));
    const what = worked?.text.slice('ok '.length, MAX_EVIDENCE).trim();
    if (worked !== undefined && seen) return met(worked.t, what ?? '');
    const missing = what === undefined ? lines.at(-1)?.text : `${what}, but not over the modem`;
    return waitUntil(record, leaseAt + NETWORK_MS, missing ?? `no ${kind} yet`);
  };
}

/** Evidence if the probe's line is right, a description of the error if not, undefined if it says nothing yet. */
type Look = (
  line: TimedProbeLine,
) => { readonly atMs: number; readonly evidence: string } | string | undefined;

/** Evaluates something that must hold some time after the lease, by a look that began after the lease. */
function afterLook(
  kind: string,
  scenario: Scenario,
  record: BootRecord,
  nothing: string,
  look: Look,
): MilestoneResult {
  const leaseAt = findLease(scenario, record)?.t;
  if (leaseAt === undefined) return pending('no lease yet');
  const line = currentLine(record, kind, leaseAt);
  const found = line === undefined ? undefined : look(line);
  if (typeof found === 'object') return met(Math.max(found.atMs, leaseAt), found.evidence);
  return waitForLook(record, kind, leaseAt + SETTLE_MS, found ?? nothing);
}
