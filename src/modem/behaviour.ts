import { z } from 'zod';
import { InputError } from '../core/errors.ts';

/**
 * How an emulated stick and its network behave. Data only, so that scenarios are tables: the shipped ones
 * are in scenarios.ts, and a user's own is a JSON file of this shape. Every field has a default; `{}` is a
 * good stick that takes any APN.
 */
export type Behaviour = z.output<typeof behaviourSchema>;

/** What a behaviour looks like when written down: every field optional. */
export type BehaviourInput = z.input<typeof behaviourSchema>;

/** One APN the network knows, and who may use it. */
export type ApnRule = Behaviour['apns'][number];

/** A moment in a run that a fault can hang on. */
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
  /** With a user, both have to match; without, whatever is given is ignored, as networks do. */
  user: z.string().optional(),
  password: z.string().optional(),
  /** The only way of authentication the network takes; left out, any. */
  auth: z.enum(['pap', 'chap']).optional(),
});

const fault = z.strictObject({
  after: moment.default('power-on'),
  /** Milliseconds after that moment. A moment counts once, the first time. */
  ms: ms.default(0),
  /**
   * `usb`: pulled out. `network`: no registration, calls end. `data`: the call stays up and every frame is
   * lost. `qmi`, `at`: the port takes commands and answers nothing. `dhcp`: the carrier's DHCP server says nothing.
   * At one moment: `call`: the network ends every call. `clients`: the stick forgets its QMI clients and their calls.
   * Until the host sets configuration 0, as it does when it takes a port's authorization away: `hang`: no port
   * answers and no frame passes.
   */
  what: z.enum(['usb', 'network', 'data', 'qmi', 'at', 'dhcp', 'call', 'clients', 'hang']),
  /** How long; left out, for good. Nothing to those of one moment, nor to `hang`. */
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

const network = z.strictObject({
  /**
   * `ipv4`: addresses by DHCP. `no-dhcp`: calls start and nobody answers DHCP. `ipv6-only`: calls for IPv4 are
   * refused with cause 51.
   */
  addressing: z.enum(['ipv4', 'no-dhcp', 'ipv6-only']).default('ipv4'),
  address: ipv4.default('10.64.64.10'),
  gateway: ipv4.default('10.64.64.9'),
  netmask: ipv4.default('255.255.255.252'),
  dns: z.array(ipv4).min(1).max(2).default(['10.64.64.9']),
  mtu: z.number().int().min(576).max(1500).default(1500),
  leaseSeconds: z.number().int().min(10).max(86_400).default(7200),
  /** Names with an answer of their own; every other name has the gateway's address. */
  hosts: z.record(z.string(), ipv4).default({}),
  operator: z.string().max(30).default('Test Mobile'),
  mcc: z.number().int().min(1).max(999).default(1),
  mnc: z.number().int().min(0).max(999).default(1),
  /** What the web server on port 80 of every address says. */
  httpStatus: z.number().int().min(200).max(599).default(200),
  httpBody: z.string().max(65_536).default('online\n'),
  /** TCP ports of the Pi that somebody on the network tries once it has fetched a page. */
  scan: z.array(z.number().int().min(1).max(65_535)).max(32).default([]),
});

const behaviourSchema = z.strictObject({
  /** No stick at all. */
  absent: z.boolean().default(false),
  /** Shows itself as the mass storage 12d1:1505 until switched, after every plug-in. */
  factoryMode: z.boolean().default(false),
  /** Power-on to plugged in. */
  plugInAfterMs: ms.default(0),
  /** From the switch command to the modem's arrival on the bus. */
  modeSwitchMs: ms.default(1600),
  /** Networks the SIM may use; left out, any APN will do. */
  apns: z.array(apnRule).default([]),
  pin: pin.prefault({}),
  signal: signal.prefault({}),
  /** From signal (and an unlocked SIM) to registered. */
  registrationDelayMs: ms.default(0),
  /** The network refuses this SIM. */
  registrationDenied: z.boolean().default(false),
  /** How long starting a call takes. */
  callSetupMs: ms.default(150),
  /** What becomes of the first, second … attempt to start a call; later ones go by the rules. */
  callAttempts: z
    .array(
      z.union([
        z.literal('accept'),
        z.literal('hang'),
        z.strictObject({ refuse: z.number().int().min(1).max(255) }),
      ]),
    )
    .default([]),
  /** Answers that replace the stick's own: lines in order, the last the result; none, no answer at all. */
  atAnswers: z
    .array(
      z.strictObject({
        command: z.string().min(2),
        lines: z.array(z.string()),
        /** How often; left out, always. */
        times: z.number().int().min(1).optional(),
      }),
    )
    .default([]),
  /** Time between two unasked-for lines on an open AT port; 0, none. `AT^CURC=0` ends them. */
  unsolicitedEveryMs: ms.default(5000),
  network: network.prefault({}),
  faults: z.array(fault).default([]),
});

/**
 * Checks a behaviour and fills in what is left out.
 * @throws InputError naming each field that is wrong.
 */
export function parseBehaviour(value: unknown, source = 'behaviour'): Behaviour {
  const result = behaviourSchema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(`${source} is not a behaviour of the emulated stick`, {
    detail: z.prettifyError(result.error),
    hint: 'docs/reference/scenario-file.md lists the fields',
  });
}
