import type { Stack } from '../core/model.ts';
import { type Behaviour, type BehaviourInput, parseBehaviour } from '../modem/behaviour.ts';
import { DEVICES, type DeviceDescription, type DeviceName } from '../modem/devices.ts';

/** What a boot has to reach, in this order. The modem sees most of it, the guest's console the rest. */
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
  /** The mobile network reaches the ports that the image opens, and no others; only in scenarios that try ports. */
  'closed',
  /** The console and the LED show that it is online; only in scenarios that look at them. */
  'shown',
  /** The status file on the boot partition says so too; only in scenarios that read it. */
  'status-file',
  /** The image's own wwan-doctor finds nothing wrong; only in scenarios that run it. */
  'doctor',
  /** The image's own packages and scripts are done; only in scenarios that wait for them. */
  'first-boot',
  /** Online again after each fault; only in scenarios that have faults and a bound on the recovery. */
  'recovery',
  /** Stayed online, and nothing grew; only in scenarios that require it. */
  'steady',
] as const;

/** Milestones that only some scenarios have. */
export const OPTIONAL: readonly Milestone[] = [
  'closed',
  'shown',
  'status-file',
  'doctor',
  'first-boot',
  'recovery',
  'steady',
];

/** The name of a milestone. */
export type Milestone = (typeof MILESTONES)[number];

/** A boot test: the modem's behaviour, the rest of the machine, and how the boot has to end. Times are the guest's. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Without `apns`: `getBehaviour` adds the ones that the image is expected to use. */
  readonly behaviour: Omit<BehaviourInput, 'apns'>;
  readonly network: {
    /** Which APN it knows: the image's, or only another one. */
    readonly apn: 'expected' | 'other';
    /** The network requires the image's user and password; the image must have been built with them. */
    readonly credentials: boolean;
    /** The SIM asks for the image's PIN, or for another; the image must have been built with one. */
    readonly pin?: 'expected' | 'other';
  };
  readonly machine: {
    /** The modem; by default the Huawei stick. The others need an image with NetworkManager. */
    readonly device?: DeviceName;
    /**
     * Whose kernel and initramfs start: Debian's with our initramfs, or those that the image's config.txt names. These
     * need drivers for QEMU's disk, as Debian's have. On a copy of the image, which gets the probe.
     */
    readonly kernel?: 'image';
    /** A second network card with a router's DHCP behind it: a cable. `offline`: nothing is behind the router. */
    readonly ethernet: boolean | 'offline';
    /** Which qmicli runs: the image's, or one that sends IP family 0 as libqmi 1.16.2 does. */
    readonly qmicli: 'image' | 'sends-ip-family-0';
    /** The modem (`absent` at first) is plugged in this long after the system is up. */
    readonly plugInAfterBootMs?: number;
    /** The behaviour of a second modem, whose network knows every APN. */
    readonly secondStick?: BehaviourInput;
    /** The image's wwan-doctor runs once the Pi is online. */
    readonly doctor?: boolean;
    /** A program of the guest keeps the modem's serial ports open, so they get other numbers at the next plug-in. */
    readonly holdPorts?: boolean;
    /** One boot for each of these comes before the boot that decides: its power is cut then. On a copy of the image. */
    readonly powerCutsMs?: readonly number[];
    /** What somebody writes into wwanpi.txt before power-on, by its keys. On a copy of the image, as for power cuts. */
    readonly set?: Readonly<Record<string, string>>;
    /** As `powerCutsMs`, but counted from the start of the unit that takes the settings over. */
    readonly powerCutsInSettingsMs?: readonly number[];
    /** The same, counted from the start of the unit that installs the image's own packages and runs its scripts. */
    readonly powerCutsInFirstBootMs?: readonly number[];
    /** Replace settings of the image's supervisor.conf, in memory, to shorten the test: INTERVAL, DEAD_AFTER. */
    readonly supervisor?: Readonly<Record<string, number>>;
  };
  readonly expected: Expectation;
  /** What is another on an image of that stack. */
  readonly stacks?: Readonly<Partial<Record<Stack, StackDifference>>>;
  /** The limit from power-on to the verdict, if it is longer than usual. */
  readonly timeoutMs?: number;
  /** Why it never starts from a snapshot, though nothing in `machine` or `expected` keeps it from that: what of the boot it tests. */
  readonly wholeBoot?: string;
}

/** What is another on an image of one stack: why the scenario says nothing about it, or what else it does and expects. */
export type StackDifference =
  | { readonly notFor: string }
  | {
      readonly description?: string;
      readonly behaviour?: Scenario['behaviour'];
      readonly expected?: Expectation;
    };

/** The name of the modem that the scenario plugs in first. */
export function getDeviceName({ machine }: Pick<Scenario, 'machine'>): DeviceName {
  return machine.device ?? 'e397u';
}

/** The modem that the scenario plugs in first. */
export function getDevice(scenario: Pick<Scenario, 'machine'>): DeviceDescription {
  return DEVICES[getDeviceName(scenario)];
}

/** A moment at which the power is cut: so long after power-on, or after the start of one of the image's units. */
export interface PowerCut {
  readonly after: 'power-on' | 'settings' | 'first-boot';
  readonly ms: number;
}

/** The power cuts of a scenario, in the order in which its boots come. */
export function listPowerCuts({ machine }: Pick<Scenario, 'machine'>): PowerCut[] {
  const cut =
    (after: PowerCut['after']) =>
    (ms: number): PowerCut => ({ after, ms });
  return [
    ...(machine.powerCutsMs ?? []).map(cut('power-on')),
    ...(machine.powerCutsInSettingsMs ?? []).map(cut('settings')),
    ...(machine.powerCutsInFirstBootMs ?? []).map(cut('first-boot')),
  ];
}

/** How the boot has to end. */
export type Expectation = ShownExpectation &
  (
    | {
        readonly verdict: 'online';
        readonly defaultRoute: 'wwan0' | 'eth0';
        /** How many leases the carrier must have given out by the end. */
        readonly leases: number;
        /** The limit on the recovery, from the end of each fault (from its start, if nothing ends it). */
        readonly recoversWithinMs?: number;
        /** The limit after a `hang`, which ends only with the last recovery level but one; by default the same. */
        readonly hangRecoversWithinMs?: number;
        /**
         * How long it must stay online after all that, without any action of the supervisor. Processes, open files and
         * memory may not have grown since it was first online.
         */
        readonly steadyForMs?: number;
        /** How long the lookup may take that the probe succeeds with. */
        readonly resolvesWithinMs?: number;
        /** How long after power-on the image's own packages and scripts may take. The image must have some. */
        readonly firstBootWithinMs?: number;
        /** How a server begins to speak on each port tried that the image opens: `SSH-`. */
        readonly greeting?: string;
        /** What has to stand in the system's journal by the end. */
        readonly journal?: string;
      }
    | {
        /** It boots, but this is the first milestone that it misses. */
        readonly verdict: 'offline';
        readonly fails: Milestone;
        /** The QMI error of "start network" that must occur. */
        readonly qmiError?: number;
        /** Text that the system's journal must contain by then. */
        readonly journal?: string;
        /** The PIN was tried exactly once, and this many tries are left. */
        readonly pinTriesLeft?: number;
      }
  );

/** What a person sees on the Pi by then. */
interface ShownExpectation {
  /** The line on the consoles, before login and after it, begins so: `LTE: online, `. */
  readonly shows?: string;
  /** What stands in wwanpi-status.txt on the boot partition by the end, each of it somewhere: `LTE: online, `. */
  readonly statusFile?: readonly string[];
  /** How the LED blinks; `former`: it has blinked, and does again what it did before. The guest gets an LED. */
  readonly led?: 'searching' | 'dialling' | 'refused' | 'former';
}

/** What the image dials with: the APN and its credentials. */
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

/** A PIN of the same length that differs in its last digit. */
function otherPin(pin: string): string {
  return `${pin.slice(0, -1)}${(Number(pin.at(-1)) + 1) % 10}`;
}
