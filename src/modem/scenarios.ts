import { type Behaviour, type BehaviourInput, parseBehaviour } from './behaviour.ts';

/** What a boot is to reach, in this order; the modem sees most of it, the guest's console the rest. */
export const MILESTONES = [
  'kernel',
  'stick',
  'at-command',
  'start-network',
  'lease',
  'route',
  'resolv-conf',
  'dns',
  'ping',
  'fetch',
  /** Online again after whatever broke; only where a scenario breaks something and bounds that. */
  'recovery',
] as const;

/** One of them. */
export type Milestone = (typeof MILESTONES)[number];

/** A boot test: a stick's behaviour, what else is about the machine, and how the boot has to end. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Without `apns`: those come from what the image is expected to use, by `behaviourOf`. */
  readonly behaviour: Omit<BehaviourInput, 'apns'>;
  readonly network: {
    /** Which APN it knows: the image's, or only another one. */
    readonly apn: 'expected' | 'other';
    /** User and password of the image are asked for; the image must have been built with them. */
    readonly credentials: boolean;
    /** The SIM asks for the image's PIN, or for another; the image must have been built with one. */
    readonly pin?: 'expected' | 'other';
  };
  readonly machine: {
    /** A second network card with a router's DHCP behind it: a cable. */
    readonly ethernet: boolean;
    /** Whose qmicli runs: the image's, or one that sends IP family 0 as libqmi 1.16.2 does. */
    readonly qmicli: 'image' | 'sends-ip-family-0';
    /**
     * The stick (`absent` at first) is plugged in this long after the system is up. By what the guest does and not
     * by the clock, since an emulated boot takes three times as long as a Pi's.
     */
    readonly plugInAfterBootMs?: number;
    /** A second stick, with a behaviour of its own; every APN is known to it. */
    readonly secondStick?: BehaviourInput;
    /** A program of the guest keeps the stick's serial ports open, so that they get other numbers when plugged in again. */
    readonly holdPorts?: boolean;
    /** The power is cut this long after power-on, once for each, before the boot that is judged. On a copy of the image. */
    readonly powerCutsMs?: readonly number[];
    /** Settings of the image's supervisor.conf, laid over it in memory so that time passes faster: INTERVAL, DEAD_AFTER. */
    readonly supervisor?: Readonly<Record<string, number>>;
  };
  readonly expected: Expectation;
}

/** How the boot has to end. */
export type Expectation =
  | {
      readonly verdict: 'online';
      readonly defaultRoute: 'wwan0' | 'eth0';
      /** Leases the carrier has to have given out by the end. */
      readonly leases: number;
      /** How long after the end of each fault (its begin, where nothing ends it) it may take to be online again. */
      readonly recoversWithinMs?: number;
    }
  | {
      /** Boots all the same, and the first milestone missed is this. */
      readonly verdict: 'offline';
      readonly fails: Milestone;
      /** QMI error of "start network" that has to be seen. */
      readonly qmiError?: number;
      /** What has to stand in the system's journal by then. */
      readonly journal?: string;
      /** The SIM was given a PIN once, and so many tries are left. */
      readonly pinTriesLeft?: number;
    };

/** Who pays: the APN, and the credentials that go with it. */
export interface Subscription {
  readonly apn: string;
  readonly user?: string;
  readonly password?: string;
  /** The PIN the image has. */
  readonly pin?: string;
}

const OTHER_APN = 'some.other.network';
/** After the first page was fetched: online, and everything about it seen. */
const ONLINE = { after: 'fetch', ms: 10_000 } as const;

function recovers(withinMs: number): Expectation {
  return { verdict: 'online', defaultRoute: 'wwan0', leases: 1, recoversWithinMs: withinMs };
}

const usual = {
  network: { apn: 'expected', credentials: false },
  machine: { ethernet: false, qmicli: 'image' },
  expected: { verdict: 'online', defaultRoute: 'wwan0', leases: 1 },
} as const;

/** The scenarios that ship. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'online',
    description: 'a good stick, plugged in from the start',
    behaviour: {},
  },
  {
    ...usual,
    name: 'factory-mode',
    description: 'a new stick: mass storage 12d1:1505 until usb_modeswitch has switched it',
    behaviour: { factoryMode: true },
  },
  {
    ...usual,
    name: 'wrong-apn',
    description: 'a network that does not know the APN of the image',
    behaviour: {},
    network: { apn: 'other', credentials: false },
    expected: { verdict: 'offline', fails: 'start-network', qmiError: 14 },
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
  },
  {
    ...usual,
    name: 'no-stick',
    description: 'no stick at all: the machine boots in its usual time and says so in the journal',
    behaviour: { absent: true },
    expected: { verdict: 'offline', fails: 'stick', journal: 'no LTE stick' },
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
    behaviour: { callAttempts: ['accept', ...Array.from({ length: 10 }, () => ({ refuse: 27 }))] },
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
    machine: { ...usual.machine, powerCutsMs: [14_000, 24_000, 33_000] },
  },
];

/** The scenario of that name, if there is one. */
export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}

/** The behaviour of a scenario for an image that uses `subscription`. */
export function behaviourOf(scenario: Scenario, subscription: Subscription): Behaviour {
  const { apn, credentials, pin } = scenario.network;
  const { user = '', password = '' } = subscription;
  const known = apn === 'expected' ? subscription.apn : OTHER_APN;
  const own = subscription.pin ?? '1234';
  const sim = pin === undefined ? {} : { pin: pin === 'expected' ? own : otherPin(own) };
  return parseBehaviour(
    {
      ...scenario.behaviour,
      ...(pin === undefined ? {} : { pin: { ...scenario.behaviour.pin, ...sim } }),
      apns: [{ apn: known, ...(credentials ? { user, password } : {}) }],
    },
    `scenario ${scenario.name}`,
  );
}

/** As long, and different in its last digit. */
function otherPin(pin: string): string {
  return `${pin.slice(0, -1)}${(Number(pin.at(-1)) + 1) % 10}`;
}
