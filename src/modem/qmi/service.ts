import { u16 } from '../little-endian.ts';
import type { QmiRequest, Tlv } from './qmux.ts';

/** QMI protocol errors in use, as libqmi's qmi-errors.h numbers them. */
export const QMI_ERROR = {
  None: 0,
  MalformedMessage: 1,
  Internal: 3,
  ClientIdsExhausted: 5,
  InvalidClientId: 7,
  InvalidHandle: 9,
  InvalidProfile: 10,
  InvalidPinId: 11,
  IncorrectPin: 12,
  CallFailed: 14,
  OutOfCall: 15,
  MissingArgument: 17,
  NoNetworkFound: 13,
  NoEffect: 26,
  InvalidServiceType: 31,
  PinBlocked: 35,
  PinAlwaysBlocked: 36,
  UimUninitialized: 37,
  InvalidArgument: 48,
  InvalidIpFamilyPreference: 64,
  InvalidQmiCommand: 71,
  InformationUnavailable: 74,
  AccessDenied: 82,
} as const;

/** An error with its TLVs, or the TLVs of success. */
export interface QmiAnswer {
  readonly error: number;
  readonly tlvs: readonly Tlv[];
}

/** Returns the answer, or undefined if it comes later through `reply`, once, or never. */
export type QmiHandler = (request: QmiRequest, reply: (answer: QmiAnswer) => void) => QmiAnswer | undefined;

/** Messages of a service by number. */
export type QmiTable = Readonly<Record<number, QmiHandler>>;

/** A service that has clients. */
export interface QmiService {
  readonly number: number;
  readonly name: string;
  readonly version: readonly [major: number, minor: number];
  readonly messages: QmiTable;
  /** TLVs with PINs and passwords, by message; they are not logged. */
  readonly secrets?: Readonly<Record<number, readonly number[]>>;
  /** A client was released or lost; its calls end. */
  released?(client: number): void;
}

/** Sends an indication to one client, or to all of a service (0xff). */
export type Indicate = (service: number, client: number, message: number, tlvs: readonly Tlv[]) => void;

/** The client number that addresses all clients. */
export const BROADCAST = 0xff;

export function ok(...tlvs: Tlv[]): QmiAnswer {
  return { error: QMI_ERROR.None, tlvs };
}

export function refused(error: number, ...tlvs: Tlv[]): QmiAnswer {
  return { error, tlvs };
}

/** TLV 0x02, which every response has: status and error. */
export function resultTlv(error: number): Tlv {
  return [0x02, Buffer.concat([u16(error === 0 ? 0 : 1), u16(error)])];
}
