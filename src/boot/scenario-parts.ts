import type { Expectation } from './scenario.ts';

/** After the first page was fetched: online, and everything about it seen. */
export const ONLINE = { after: 'fetch', ms: 10_000 } as const;

/** Online again so long after each fault. */
export function recovers(withinMs: number): Expectation {
  return { verdict: 'online', defaultRoute: 'wwan0', leases: 1, recoversWithinMs: withinMs };
}

/** What a scenario has that says nothing of it: the image's APN, the stick alone, online by one lease. */
export const usual = {
  network: { apn: 'expected', credentials: false },
  machine: { ethernet: false, qmicli: 'image' },
  expected: { verdict: 'online', defaultRoute: 'wwan0', leases: 1 },
} as const;
