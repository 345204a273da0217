import { CARD_SCENARIOS } from './card-scenarios.ts';
import { IMAGE_SCENARIOS } from './image-scenarios.ts';
import { NETWORKMANAGER_SCENARIOS } from './networkmanager-scenarios.ts';
import { ODD_NETWORK_SCENARIOS } from './odd-network-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { ONLINE, recovers, SOON, usual } from './scenario-parts.ts';
import { soak } from './soak.ts';

const REFUSALS = Array.from({ length: 10 }, () => ({ refuse: 27 }));

/** The scenarios that ship. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'online',
    description: 'a good stick, plugged in from the start; its network then tries some ports of the Pi',
    behaviour: { network: { scan: [21, 22, 23, 80, 111, 443, 5900, 8080] } },
    machine: { ...usual.machine, supervisor: SOON },
    expected: {
      ...usual.expected,
      shows: 'LTE: online, Test Mobile, 10.64.64.10, signal ',
      led: 'former',
      statusFile: ['LTE: online, Test Mobile, 10.64.64.10, signal '],
    },
  },
  {
    ...usual,
    name: 'factory-mode',
    description: 'a new stick: mass storage 12d1:1505 until usb_modeswitch has switched it',
    behaviour: { factoryMode: true },
    wholeBoot: 'the modem has to be switched while the system boots',
  },
  {
    ...usual,
    name: 'wrong-apn',
    description: 'a network that does not know the APN of the image',
    behaviour: {},
    network: { apn: 'other', credentials: false },
    machine: { ...usual.machine, supervisor: SOON },
    expected: {
      verdict: 'offline',
      fails: 'start-network',
      qmiError: 14,
      shows: 'LTE: the network refuses the APN ',
      led: 'refused',
      // Not the doctor's words: it may look while wwan0 is dialled again, and then sees only that there is no address.
      statusFile: ['LTE: the network refuses the APN '],
    },
  },
  {
    ...usual,
    name: 'auth',
    description: 'a network that asks for user and password',
    behaviour: {},
    network: { apn: 'expected', credentials: true },
  },
  {
    ...usual,
    name: 'late-stick',
    description: 'the stick is plugged in 60 s after the system is up',
    behaviour: { absent: true },
    machine: { ...usual.machine, plugInAfterBootMs: 60_000 },
  },
  {
    ...usual,
    name: 'late-signal',
    description: 'no network for the 60 s after the system first asks the stick',
    behaviour: {
      faults: [{ after: 'qmi', what: 'network', forMs: 60_000 }],
      registrationDelayMs: 2000,
    },
  },
  {
    ...usual,
    name: 'replug',
    description: 'the stick is pulled 5 s after its first lease, and plugged in again 5 s later',
    behaviour: { faults: [{ after: 'lease', ms: 5000, what: 'usb', forMs: 5000 }] },
    expected: { verdict: 'online', defaultRoute: 'wwan0', leases: 2 },
  },
  {
    ...usual,
    name: 'broken-libqmi',
    description: 'a qmicli that sends IP family 0, as libqmi 1.16.2 does; the stick refuses it',
    behaviour: {},
    machine: { ...usual.machine, qmicli: 'sends-ip-family-0' },
    expected: { verdict: 'offline', fails: 'start-network', qmiError: 64 },
    stacks: { networkmanager: { notFor: 'ModemManager does not use qmicli' } },
  },
  {
    ...usual,
    name: 'no-stick',
    description: 'no stick at all: the machine boots in its usual time and says so in the journal',
    behaviour: { absent: true },
    expected: { verdict: 'offline', fails: 'stick', journal: 'no LTE modem' },
    wholeBoot: 'it tests the boot without a modem',
    stacks: { networkmanager: { expected: { verdict: 'offline', fails: 'stick' } } },
  },
  {
    ...usual,
    name: 'with-ethernet',
    description: 'a cable with its own DHCP beside the stick: the default route stays on eth0',
    behaviour: {},
    machine: { ...usual.machine, ethernet: true },
    expected: { verdict: 'online', defaultRoute: 'eth0', leases: 1 },
  },
  {
    ...usual,
    name: 'signal-lost-30s',
    description: 'no network for 30 s, and every call with it',
    behaviour: { faults: [{ ...ONLINE, what: 'network', forMs: 30_000 }], registrationDelayMs: 2000 },
    expected: recovers(60_000),
  },
  {
    ...usual,
    name: 'signal-lost-10min',
    description: 'no network for 10 min, five times faster: 120 s with the supervisor five times as quick',
    behaviour: { faults: [{ ...ONLINE, what: 'network', forMs: 120_000 }], registrationDelayMs: 2000 },
    machine: { ...usual.machine, supervisor: { INTERVAL: 3, DEAD_AFTER: 12 } },
    expected: recovers(60_000),
  },
  {
    ...usual,
    name: 'network-detach',
    description: 'the network ends the call and stays',
    behaviour: { faults: [{ ...ONLINE, what: 'call' }] },
    expected: recovers(90_000),
  },
  {
    ...usual,
    name: 'lease-expires',
    description: 'leases of 40 s from a DHCP server that is silent for 90 s',
    behaviour: { network: { leaseSeconds: 40 }, faults: [{ ...ONLINE, what: 'dhcp', forMs: 90_000 }] },
    expected: recovers(90_000),
  },
  {
    ...usual,
    name: 'stale-client-id',
    description: 'the stick forgets its QMI clients; what qmi-network remembers of them is wrong',
    behaviour: { faults: [{ ...ONLINE, what: 'clients' }] },
    expected: recovers(90_000),
    // ModemManager does not notice; started again, it takes 25 s for a modem.
    stacks: { networkmanager: { expected: recovers(120_000) } },
  },
  {
    ...usual,
    name: 'stick-hangs',
    description: 'the stick answers nothing any more until its port is power-cycled',
    behaviour: { faults: [{ ...ONLINE, what: 'hang' }] },
    expected: recovers(240_000),
  },
  {
    ...usual,
    name: 'stick-reenumerates',
    description: 'pulled and plugged in while a program holds its ports: they come back with other numbers',
    behaviour: { faults: [{ ...ONLINE, what: 'usb', forMs: 3000 }] },
    machine: { ...usual.machine, holdPorts: true },
    expected: recovers(90_000),
  },
  {
    ...usual,
    name: 'apn-refused-then-accepted',
    description: 'the network refuses the APN ten times before it takes it',
    // The first is the AT command's.
    behaviour: { callAttempts: ['accept', ...REFUSALS] },
    stacks: {
      networkmanager: {
        description: 'three times: NetworkManager tries four times, and then rests for five minutes',
        behaviour: { callAttempts: REFUSALS.slice(0, 3) },
      },
    },
  },
  {
    ...usual,
    name: 'pin-needed',
    description: "the SIM asks for the image's PIN",
    behaviour: { pin: { state: 'required' } },
    network: { ...usual.network, pin: 'expected' },
  },
  {
    ...usual,
    name: 'pin-wrong-once-left-two',
    description: 'the SIM asks for another PIN than the image has: tried once, and never again',
    behaviour: { pin: { state: 'required' } },
    network: { ...usual.network, pin: 'other' },
    expected: {
      verdict: 'offline',
      fails: 'at-command',
      journal: 'stopped: the PIN is wrong',
      pinTriesLeft: 2,
    },
  },
  {
    ...usual,
    name: 'two-sticks',
    description: 'a second stick beside it, which no network takes',
    behaviour: {},
    machine: { ...usual.machine, secondStick: { registrationDenied: true } },
  },
  {
    ...usual,
    name: 'power-cut',
    description: 'the power is cut at three moments of the boot; then it comes online, its file system clean',
    behaviour: {},
    machine: { ...usual.machine, powerCutsMs: [19_000, 28_000, 36_000] },
  },
  {
    ...usual,
    name: 'ipv6-only',
    description: 'a network that gives the APN no IPv4: said in the journal, and asked less and less often',
    behaviour: { network: { addressing: 'ipv6-only' } },
    expected: {
      verdict: 'offline',
      fails: 'start-network',
      qmiError: 14,
      journal: 'ipv6-only: the network gives the APN',
    },
  },
  ...ODD_NETWORK_SCENARIOS,
  ...NETWORKMANAGER_SCENARIOS,
  ...CARD_SCENARIOS,
  ...IMAGE_SCENARIOS,
  soak(),
];

/** The scenario of that name, if there is one. */
export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
