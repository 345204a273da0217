import { z } from 'zod';
import { InputError } from '../core/errors.ts';

/**
 * How an emulated modem and its network behave. It is data only, so scenarios are tables: the built-in ones
 * are in scenarios.ts, and a user's own is a JSON file of this shape. Every field has a default; `{}` is a
 * good modem whose network knows any APN.
 */
export type Behaviour = z.output<typeof behaviourSchema>;

/** A behaviour before its defaults are filled in: every field is optional. */
export type BehaviourInput = z.input<typeof behaviourSchema>;

/** One APN that the network knows, and who may use it. */
export type ApnRule = Behaviour['apns'][number];

/** A moment in a run that can start a fault. */
export type Moment = z.output<typeof moment>;

/** Something that goes wrong, when, and for how long. */
export type Fault = Behaviour['faults'][number];

const ms = z
  .number()
  .int()
  .min(0)
  .max(24 * 3_600_000);
const ipv4 = z.ipv4();

const moment = z.enum(['power-on', 'plug', 'registered', 'qmi', 'call', 'lease', 'dns', 'ping', 'fetch']);

const apnRule = z.strictObject({
  apn: z.string(),
  /** With a user, both must match; without one, credentials are ignored, as networks do. */
  user: z.string().optional(),
  password: z.string().optional(),
  /** The only authentication that the network accepts; by default any. */
  auth: z.enum(['pap', 'chap']).optional(),
});

const fault = z.strictObject({
  after: moment.default('power-on'),
  /** Milliseconds after that moment. A moment counts once, the first time. */
  ms: ms.default(0),
  /**
   * For a time: `usb`: pulled out. `network`: no registration, calls end. `data`: the call stays up and every frame is
   * lost. `qmi`, `at`: the port accepts commands and answers nothing. `dhcp`: the carrier's DHCP server is silent.
   * At one moment: `call`: the network ends every call. `clients`: the modem forgets its QMI clients and their calls.
   * Until the host sets configuration 0, as it does when it deauthorizes a port: `hang`: no port answers and no frame
   * passes; `clients-exhausted`: calls end, and no QMI client id is free.
   */
  what: z.enum([
    'usb',
    'network',
    'data',
    'qmi',
    'at',
    'dhcp',
    'call',
    'clients',
    'hang',
    'clients-exhausted',
  ]),
  /** How long; by default for ever. `call`, `clients`, `hang` and `clients-exhausted` ignore it. */
  forMs: ms.optional(),
});

const pin = z.strictObject({
  state: z.enum(['disabled', 'required', 'blocked']).default('disabled'),
  pin: z
    .string()
    .regex(/^\d{4,8}$/)
    .default('1234'),
  puk: z
    .string()
    .regex(/^\d{8}$/)
    .default('12345678'),
  retries: z.number().int().min(0).max(10).default(3),
  pukRetries: z.number().int().min(0).max(10).default(10),
});

const signal = z.strictObject({
  /** Power-on to the first signal. */
  appearsAfterMs: ms.default(0),
  rssiDbm: z.number().int().min(-113).max(-51).default(-67),
  rsrqDb: z.number().int().min(-20).max(-3).default(-9),
  rsrpDbm: z.number().int().min(-140).max(-44).default(-95),
  /** Tenths of a decibel. */
  snrTenthsDb: z.number().int().min(-200).max(300).default(120),
});

/** What the network loses, always. */
const drops = z.strictObject({
  /** Every ping. */
  icmp: z.boolean().default(false),
  /** Every query to these name servers. */
  dns: z.array(ipv4).default([]),
  /** Every IP packet of more bytes, either way, with nothing said of it. */
  aboveBytes: z.number().int().min(576).max(1500).optional(),
});

const network = z.strictObject({
  /**
   * `ipv4`: addresses by DHCP. `no-dhcp`: calls start, but DHCP gets no answer. `ipv6-only`: calls for IPv4 are
   * refused with cause 51.
   */
  addressing: z.enum(['ipv4', 'no-dhcp', 'ipv6-only']).default('ipv4'),
  address: ipv4.default('10.64.64.10'),
  gateway: ipv4.default('10.64.64.9'),
  netmask: ipv4.default('255.255.255.252'),
  dns: z.array(ipv4).min(1).max(2).default(['10.64.64.9']),
  mtu: z.number().int().min(576).max(1500).default(1500),
  /** Who tells the MTU: DHCP (option 26), QMI (WDS "get current settings"). */
  mtuBy: z.array(z.enum(['dhcp', 'qmi'])).default(['dhcp', 'qmi']),
  drops: drops.prefault({}),
  leaseSeconds: z.number().int().min(10).max(86_400).default(7200),
  /** Names and their addresses; every other name has the gateway's address. */
  hosts: z.record(z.string(), ipv4).default({}),
  operator: z.string().max(30).default('Test Mobile'),
  mcc: z.number().int().min(1).max(999).default(1),
  mnc: z.number().int().min(0).max(999).default(1),
  /** The status of the web server on port 80 of every address. */
  httpStatus: z.number().int().min(200).max(599).default(200),
  httpBody: z.string().max(65_536).default('online\n'),
  /** TCP ports of the Pi that somebody on the network tries once it has fetched a page. */
  scan: z.array(z.number().int().min(1).max(65_535)).max(32).default([]),
  /** How long a port that refuses is tried again: its service may still be starting. */
  scanRefusedForMs: ms.default(3000),
});

const behaviourSchema = z.strictObject({
  /** No modem at all. */
  absent: z.boolean().default(false),
  /** Appears as the mass storage 12d1:1505 after every plug-in, until it is switched. */
  factoryMode: z.boolean().default(false),
  /** Power-on to plugged in. */
  plugInAfterMs: ms.default(0),
  /** From the switch command to the modem's arrival on the bus. */
  modeSwitchMs: ms.default(1600),
  /** The APNs that the network knows; by default any. */
  apns: z.array(apnRule).default([]),
  /** The cause of refusal for an APN that the network does not know; some real networks say 33 (TS 24.008 §10.5.6.6). */
  unknownApnCause: z.number().int().min(1).max(255).default(27),
  sim: z.enum(['present', 'absent']).default('present'),
  pin: pin.prefault({}),
  signal: signal.prefault({}),
  /** From signal (and an unlocked SIM) to registered. */
  registrationDelayMs: ms.default(0),
  /** Registered with a network that is not the SIM's own. */
  roaming: z.boolean().default(false),
  /** The network refuses this SIM. */
  registrationDenied: z.boolean().default(false),
  /** How long starting a call takes. */
  callSetupMs: ms.default(150),
  /** The outcome of the first, second … attempt to start a call; later attempts follow the rules. */
  callAttempts: z
    .array(
      z.union([
        z.literal('accept'),
        z.literal('hang'),
        z.strictObject({ refuse: z.number().int().min(1).max(255) }),
      ]),
    )
    .default([]),
  /** Answers that replace the modem's own: lines in order, the result last; an empty list is no answer at all. */
  atAnswers: z
    .array(
      z.strictObject({
        command: z.string().min(2),
        lines: z.array(z.string()),
        /** How often; by default always. */
        times: z.number().int().min(1).optional(),
      }),
    )
    .default([]),
  /** Time between two unsolicited lines on an open AT port; 0 means none. `AT^CURC=0` ends them on all ports. */
  unsolicitedEveryMs: ms.default(5000),
  /** An unsolicited line may come in the middle of a command that is being echoed; otherwise it waits for the answer. */
  tearsEcho: z.boolean().default(true),
  /**
   * Takes `AT^HCSQ`. An E397 does not: ModemManager 03a6d969, by Dan Williams, who has one.
   */
  knowsHcsq: z.boolean().default(false),
  network: network.prefault({}),
  faults: z.array(fault).default([]),
});

/**
 * Checks a behaviour and fills in the defaults.
 * @throws InputError naming each field that is wrong.
 */
export function parseBehaviour(value: unknown, source = 'behaviour'): Behaviour {
  const result = behaviourSchema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(`${source} is not a behaviour of the emulated modem`, {
    detail: z.prettifyError(result.error),
    hint: 'docs/reference/scenario-file.md lists the fields',
  });
}
