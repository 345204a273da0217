import type { Scenario } from './scenario.ts';
import { ONLINE, recovers, usual } from './scenario-parts.ts';

/** Longer than IPv6's least MTU, so that it comes in several segments. */
const LONG_PAGE = 'page '.repeat(4000);

/** Networks, SIMs and modems that are no fault of anybody's and that the image has to live with, or to name. */
export const ODD_NETWORK_SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'no-ping',
    description: 'a network that lets no ping through: the link is left in peace, and that is said',
    behaviour: { network: { drops: { icmp: true } } },
    machine: { ...usual.machine, supervisor: { INTERVAL: 3, DEAD_AFTER: 12 } },
    expected: { ...usual.expected, steadyForMs: 240_000, journal: 'pings are filtered' },
  },
  {
    ...usual,
    name: 'denied',
    description: 'a network that refuses the SIM: said in the journal',
    behaviour: { registrationDenied: true },
    expected: { verdict: 'offline', fails: 'start-network', journal: 'the network refuses this SIM' },
  },
  {
    ...usual,
    name: 'no-sim',
    description: 'no SIM card in the stick: said in the journal',
    behaviour: { sim: 'absent' },
    expected: { verdict: 'offline', fails: 'at-command', journal: 'waiting: the modem has no SIM card' },
  },
  {
    ...usual,
    name: 'chatty',
    description: 'twenty lines a second on the AT ports that nobody asked for',
    behaviour: { unsolicitedEveryMs: 50 },
  },
  {
    ...usual,
    name: 'clients-exhausted',
    description:
      'the call ends and the stick has no QMI client id for anybody, until its port is power-cycled',
    behaviour: { faults: [{ ...ONLINE, what: 'clients-exhausted' }] },
    expected: recovers(150_000),
  },
  {
    ...usual,
    name: 'mtu-from-qmi',
    description: 'packets above 1280 bytes are lost, and QMI alone tells that',
    behaviour: {
      network: { mtu: 1280, mtuBy: ['qmi'], drops: { aboveBytes: 1280 }, httpBody: LONG_PAGE },
    },
  },
  {
    ...usual,
    name: 'dead-dns',
    description: "no public name server answers, the network's own does",
    behaviour: {
      network: { drops: { dns: ['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4', '9.9.9.9'] } },
    },
    expected: { ...usual.expected, resolvesWithinMs: 6000 },
  },
];
