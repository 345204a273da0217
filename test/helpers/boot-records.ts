import type { BootRecord, TimedProbeLine } from '../../src/boot/boot-record.ts';
import type { BootTest } from '../../src/boot/milestone-result.ts';
import type { Scenario } from '../../src/boot/scenario.ts';
import { findScenario } from '../../src/boot/scenarios.ts';
import type { ModemEvent, TimedEvent } from '../../src/modem/events.ts';

/** Times in seconds, for reading. */
type At<T> = readonly [seconds: number, what: T];

/** A bootTest of an image for the APN "internet". */
export function createBootTest(name: string, changes: Partial<BootTest> = {}): BootTest {
  const scenario = findScenario(name) as Scenario;
  const setup = {
    stack: 'ifupdown' as const,
    apn: 'internet',
    credentials: undefined,
    metric: 700,
    nameServers: ['1.1.1.1', '1.0.0.1'],
    ndisdupApn: 'internet',
    pin: undefined,
    allowed: [],
    supervised: false,
    display: undefined,
    hasStatusFile: false,
  };
  return { scenario, setup, apn: 'internet', ...changes };
}

/** A record of what is given, up to `seconds`. */
export function createBootRecord(given: {
  readonly seconds?: number;
  readonly console?: readonly At<string>[];
  readonly events?: readonly At<ModemEvent>[];
  /** `kind text`. */
  readonly probe?: readonly At<string>[];
  readonly ended?: string;
  /** Of a guest that went on from a snapshot. */
  readonly resumedAt?: number;
  /** When the probe's last look began: just now. */
  readonly lookedAt?: number;
}): BootRecord {
  const seconds = given.seconds ?? 100;
  const lookedAt = given.lookedAt ?? seconds;
  const look = `looked ${lookedAt.toFixed(2)} address routes resolv units`;
  return {
    elapsedMs: seconds * 1000,
    resumedAtMs: (given.resumedAt ?? 0) * 1000,
    console: (given.console ?? []).map(([seconds, text]) => ({ t: seconds * 1000, text })),
    events: (given.events ?? []).map(([seconds, event]): TimedEvent => ({ t: seconds * 1000, ...event })),
    probe: [...(given.probe ?? []), [lookedAt, look] as const].map(([seconds, line]): TimedProbeLine => {
      const at = line.indexOf(' ');
      return { t: seconds * 1000, uptimeSeconds: seconds, kind: line.slice(0, at), text: line.slice(at + 1) };
    }),
    ended: given.ended,
  };
}

/** What the probe says of a unit. */
export function unitLine(name: string, active: string): string {
  return `units Id=${name}\x1eActiveState=${active}\x1eSubState=x\x1eResult=x\x1e`;
}

export const PLUGGED: readonly At<ModemEvent>[] = [
  [0, { type: 'usb', what: 'plug', id: '12d1:1506' }],
  [30, { type: 'usb', what: 'set-configuration', configuration: 1 }],
];

export const KERNEL: readonly At<string>[] = [[3, '[    0.000000] Linux version 6.1.0-50-armmp (debian)']];

export const CALLED: readonly At<ModemEvent>[] = [
  [40, { type: 'at', port: 'modem', command: 'AT^NDISDUP=1,1,"internet"', answer: 'OK' }],
  [45, { type: 'call', what: 'start', via: 'qmi', apn: 'internet' }],
];

/** Everything of a good boot, from the lease on. */
export const ONLINE_EVENTS: readonly At<ModemEvent>[] = [
  [50, { type: 'lease', what: 'bound', address: '10.64.64.10' }],
  [56, { type: 'dns', name: 'probe.wwanpi.test', query: 'A', answer: '10.64.64.9' }],
  [57, { type: 'icmp', from: '10.64.64.10', to: '10.64.64.9', bytes: 64 }],
  [58, { type: 'http', method: 'GET', host: 'probe.wwanpi.test', path: '/boot-test', status: 200 }],
  [62, { type: 'scan', target: '10.64.64.10', ports: [{ port: 22, answer: 'none' }] }],
];

export const ONLINE_PROBE: readonly At<string>[] = [
  [51, 'routes wwan0 0940400A 700\x1e'],
  [52, 'resolv # head\x1enameserver 1.1.1.1\x1enameserver 1.0.0.1\x1enameserver 10.64.64.9\x1e'],
  [56.5, 'dns ok 10.64.64.9'],
  [57.5, 'ping ok 10.64.64.9'],
  [58.5, 'fetch ok online'],
];
