import type { Expectation } from './scenario.ts';

/** After the first page was fetched: the Pi is online, and every milestone before it is met. */
export const ONLINE = { after: 'fetch', ms: 10_000 } as const;

/** Online again within that time after each fault. */
export function recovers(withinMs: number): Expectation {
  return { verdict: 'online', defaultRoute: 'wwan0', leases: 1, recoversWithinMs: withinMs };
}

/** The usual fields of a scenario: the image's APN, the modem alone, online with one lease. */
export const usual = {
  network: { apn: 'expected', credentials: false },
  machine: { ethernet: false, qmicli: 'image' },
  expected: { verdict: 'online', defaultRoute: 'wwan0', leases: 1 },
} as const;

/** Twice looked at is soon then, and the status file written. */
export const SOON = { INTERVAL: 5 } as const;
