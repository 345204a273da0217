import type { Scenario } from './scenario.ts';
import { ONLINE, recovers, SOON, usual } from './scenario-parts.ts';

/** A page of many segments. */
const LONG_PAGE = 'page '.repeat(4000);

/** Unusual networks, SIMs and modems: the image copes with them, or names the problem. */
export const ODD_NETWORK_SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'no-ping',
    description: 'a network that lets no ping through: the supervisor leaves the link alone, and says why',
    behaviour: { network: { drops: { icmp: true } } },
    machine: { ...usual.machine, supervisor: { INTERVAL: 3, DEAD_AFTER: 12 } },
    expected: { ...usual.expected, steadyForMs: 240_000, journal: 'pings are filtered' },
  },
  {
    ...usual,
    name: 'denied',
    description: 'a network that refuses the SIM; the journal says so',
    behaviour: { registrationDenied: true },
    expected: { verdict: 'offline', fails: 'start-network', journal: 'the network refuses this SIM' },
    // Of a modem without NAS "get system info" ModemManager says idle, whether it was refused or finds nothing.
    stacks: {
      networkmanager: {
        expected: {
          verdict: 'offline',
          fails: 'start-network',
          journal: 'the modem finds no network that takes this SIM',
        },
      },
    },
  },
  {
    ...usual,
    name: 'no-sim',
    description: 'a modem without a SIM card; the journal and the console say so',
    behaviour: { sim: 'absent' },
    machine: { ...usual.machine, supervisor: SOON },
    expected: {
      verdict: 'offline',
      fails: 'at-command',
      journal: 'waiting: the modem has no SIM card',
      shows: 'LTE: the modem has no SIM card',
      led: 'refused',
      statusFile: ['LTE: the modem has no SIM card', 'The SIM card: none in the modem'],
    },
  },
  {
    ...usual,
    name: 'chatty',
    description: 'twenty unsolicited lines a second on the AT ports',
    behaviour: { unsolicitedEveryMs: 50 },
  },
  {
    ...usual,
    name: 'clients-exhausted',
    description: 'the call ends, and no QMI client id is free until the modem is power-cycled',
    behaviour: { faults: [{ ...ONLINE, what: 'clients-exhausted' }] },
    expected: recovers(150_000),
  },
  {
    ...usual,
    name: 'mtu-from-qmi',
    description: 'packets above 1280 bytes are lost, which only QMI tells',
    behaviour: {
      network: { mtu: 1280, mtuBy: ['qmi'], drops: { aboveBytes: 1280 }, httpBody: LONG_PAGE },
    },
  },
  {
    ...usual,
    name: 'dead-dns',
    description: "public name servers do not answer; the network's own does",
    behaviour: {
      network: { drops: { dns: ['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4', '9.9.9.9'] } },
    },
    expected: { ...usual.expected, resolvesWithinMs: 6000 },
  },
  {
    ...usual,
    name: 'ssh',
    description:
      'its network waits until the SSH server greets, where the image opens port 22 (--wwan-allow ssh)',
    behaviour: {
      // At the first start the Pi makes its host keys, which takes the emulated processor minutes.
      network: { scan: [21, 22, 23, 80, 111, 443, 5900, 8080], scanRefusedForMs: 200_000 },
    },
    expected: { ...usual.expected, greeting: 'SSH-' },
  },
];
