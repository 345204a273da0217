import type { ModemParts } from '../modem-parts.ts';
import { encodeFields, type Field } from './fields.ts';

/** Basic Connect, a289cc33-bcbb-8b4f-b6b0-133ec2aae6df (§10.1): the one service of this modem. */
export const BASIC_CONNECT = 'a289cc33bcbb8b4fb6b0133ec2aae6df';

/** Its commands (table 10-3). */
export const COMMAND = {
  deviceCaps: 1,
  subscriberReady: 2,
  radioState: 3,
  pin: 4,
  pinList: 5,
  homeProvider: 6,
  preferredProviders: 7,
  visibleProviders: 8,
  registerState: 9,
  packetService: 10,
  signalState: 11,
  connect: 12,
  provisionedContexts: 13,
  ipConfiguration: 15,
  deviceServices: 16,
  subscribeList: 19,
  packetStatistics: 20,
  idleHint: 21,
} as const;

/** Status codes in use (table 9-10). */
export const STATUS = {
  ok: 0,
  busy: 1,
  failure: 2,
  simNotInserted: 3,
  badSim: 4,
  pinRequired: 5,
  pinDisabled: 6,
  notRegistered: 7,
  providersNotFound: 8,
  noDeviceSupport: 9,
  packetServiceDetached: 12,
  maxActivatedContexts: 13,
  contextNotActivated: 16,
  radioPowerOff: 20,
  invalidParameters: 21,
} as const;

/** A status with an information buffer, which a failure may have too. */
export interface MbimAnswer {
  readonly status: number;
  readonly buffer: Buffer;
}

/** A command with its buffer; the answer, or undefined if it comes later through `reply`, once, or never. */
export type MbimHandler = (
  request: { readonly isSet: boolean; readonly buffer: Buffer },
  reply: (answer: MbimAnswer) => void,
) => MbimAnswer | undefined;

/** Handlers by the number of their command. */
export type MbimTable = Readonly<Record<number, MbimHandler>>;

/** What handlers work with: the modem, and a way to tell the host something it did not ask for. */
export interface MbimParts extends ModemParts {
  indicate(command: number, buffer: Buffer): void;
}

/** Success with these fields. */
export function ok(...fields: readonly Field[]): MbimAnswer {
  return { status: STATUS.ok, buffer: encodeFields(fields) };
}

/** A failure with no more than its status. */
export function refused(status: number): MbimAnswer {
  return { status, buffer: Buffer.alloc(0) };
}
