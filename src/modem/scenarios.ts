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
    }
  | {
      /** Boots all the same, and the first milestone missed is this. */
      readonly verdict: 'offline';
      readonly fails: Milestone;
      /** QMI error of "start network" that has to be seen. */
      readonly qmiError?: number;
      /** What has to stand in the system's journal by then. */
      readonly journal?: string;
    };

/** Who pays: the APN, and the credentials that go with it. */
export interface Subscription {
  readonly apn: string;
  readonly user?: string;
  readonly password?: string;
}

const OTHER_APN = 'some.other.network';
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
];

/** The scenario of that name, if there is one. */
export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}

/** The behaviour of a scenario for an image that uses `subscription`. */
export function behaviourOf(scenario: Scenario, subscription: Subscription): Behaviour {
  const { apn, credentials } = scenario.network;
  const { user = '', password = '' } = subscription;
  const known = apn === 'expected' ? subscription.apn : OTHER_APN;
  return parseBehaviour(
    { ...scenario.behaviour, apns: [{ apn: known, ...(credentials ? { user, password } : {}) }] },
    `scenario ${scenario.name}`,
  );
}
