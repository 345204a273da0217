import type { TimedEvent } from '../modem/events.ts';
import { type BootRecord, probeLines } from './boot-record.ts';
import { findFailure } from './evaluate-stick.ts';
import { type Evaluator, failed, met, pending } from './milestone-result.ts';
import { getDevice, type Scenario } from './scenario.ts';

/** An address that the Pi has got, and when. */
export interface Lease {
  readonly t: number;
  readonly address: string;
}

/** The lease that counts: the last one the scenario wants. */
export const evaluateLease: Evaluator = (bootTest, record) => {
  const { scenario } = bootTest;
  const wanted = leasesWanted(scenario);
  const last = findLease(scenario, record);
  const which = wanted === 1 ? '' : ` (lease ${wanted})`;
  if (last !== undefined) return met(last.t, `${last.address} by ${describeSource(scenario)}${which}`);
  const got = listLeases(scenario, record).length;
  const so = got === 0 ? 'no lease yet' : `${got} of ${wanted} leases`;
  const failure = findFailure(bootTest, record);
  return failure === undefined ? pending(so) : failed(`${so}; ${failure}`);
};

/** The lease that counts, if there is one yet. */
export function findLease(scenario: Scenario, record: BootRecord): Lease | undefined {
  return listLeases(scenario, record)[leasesWanted(scenario) - 1];
}

/**
 * Every lease so far. A modem without DHCP tells the address by its own protocol; then what counts is that the interface
 * has one, after a call.
 */
function listLeases(scenario: Scenario, record: BootRecord): Lease[] {
  if (getDevice(scenario).addressing === 'dhcp')
    return record.events.flatMap((event) =>
      event.type === 'lease' && event.what === 'bound' ? [{ t: event.t, address: event.address }] : [],
    );
  const calledAt = record.events.find(isCall)?.t;
  return calledAt === undefined
    ? []
    : probeLines(record, 'address', calledAt).flatMap(({ t, text }) =>
        text === '' ? [] : [{ t, address: text }],
      );
}

function describeSource(scenario: Scenario): string {
  const { addressing, protocol } = getDevice(scenario);
  return addressing === 'dhcp' ? 'DHCP' : protocol.toUpperCase();
}

function leasesWanted({ expected }: Scenario): number {
  return expected.verdict === 'online' ? expected.leases : 1;
}

function isCall(event: TimedEvent): boolean {
  return event.type === 'call' && event.what === 'start';
}
