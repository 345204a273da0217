import { type Behaviour, type BehaviourInput, parseBehaviour } from '../modem/behaviour.ts';

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
  /** The mobile network reaches the ports that the image opens, and no other; only where a scenario tries ports. */
  'closed',
  /** The image's own wwan-doctor finds nothing ill; only where a scenario has it asked. */
  'doctor',
  /** Online again after whatever broke; only where a scenario breaks something and bounds that. */
  'recovery',
  /** Stayed online with nothing growing; only where a scenario demands that. */
  'steady',
] as const;

/** Those that only some scenarios are about. */
export const OPTIONAL: readonly Milestone[] = ['closed', 'doctor', 'recovery', 'steady'];

/** One of them. */
export type Milestone = (typeof MILESTONES)[number];

/** A boot test: a stick's behaviour, what else is about the machine, and how the boot has to end. Times are the guest's. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Without `apns`: those come from what the image is expected to use, by `getBehaviour`. */
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
     * The stick (`absent` at first) is plugged in this long after the system is up.
     */
    readonly plugInAfterBootMs?: number;
    /** A second stick, with a behaviour of its own; every APN is known to it. */
    readonly secondStick?: BehaviourInput;
    /** Once online, the image's wwan-doctor is asked how the connection stands. */
    readonly doctor?: boolean;
    /** A program of the guest keeps the stick's serial ports open, so that they get other numbers when plugged in again. */
    readonly holdPorts?: boolean;
    /** The power is cut this long after power-on, once for each, before the boot that is judged. On a copy of the image. */
    readonly powerCutsMs?: readonly number[];
    /** Settings of the image's supervisor.conf, laid over it in memory so that time passes faster: INTERVAL, DEAD_AFTER. */
    readonly supervisor?: Readonly<Record<string, number>>;
  };
  readonly expected: Expectation;
  /** How long it may take from power-on to the verdict where that is longer than usual. */
  readonly timeoutMs?: number;
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
      /** The same after a `hang`, which ends only with the last step but one; left out, no other. */
      readonly hangRecoversWithinMs?: number;
      /**
       * How long it has to stay online after all that with no step of the supervisor. Nothing may have grown by then:
       * no processes, open files or memory, compared with what there was once it was first online.
       */
      readonly steadyForMs?: number;
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

/** The behaviour of a scenario for an image that uses `subscription`. */
export function getBehaviour(scenario: Scenario, subscription: Subscription): Behaviour {
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
