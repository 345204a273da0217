import type { Behaviour } from '../behaviour.ts';
import type { Registration } from '../events.ts';
import { u8, u16, u32 } from '../little-endian.ts';
import type { Radio, Signal } from '../radio.ts';
import { type Tlv, text8 } from './qmux.ts';

const LTE = 8;
const REGISTRATION: Readonly<Record<Registration, number>> = {
  off: 0,
  registered: 1,
  searching: 2,
  denied: 3,
};
const ATTACHED = 1;
const DETACHED = 2;
const NETWORK_3GPP = 2;
/** QmiNasServiceStatus. */
const SERVICE_STATUS = { none: 0, limited: 1, available: 2 } as const;
const DOMAIN_CS_PS = 3;
const NO_LAC = 0xffff;
/** The cell: its numbers are invented. */
const CELL = { tac: 0x1234, id: 0x0012_3401 } as const;

/** TLV 0x14 of "get signal info" and of its indication. */
export function lteSignal({ rssiDbm, rsrqDb, rsrpDbm, snrTenthsDb }: Signal): Tlv {
  return [0x14, Buffer.concat([u8(rssiDbm), u8(rsrqDb), u16(rsrpDbm), u16(snrTenthsDb)])];
}

/** The TLVs of "get serving system" and of its indication. */
export function servingSystem(behaviour: Behaviour, radio: Radio): Tlv[] {
  const registered = radio.registration === 'registered';
  const attach = registered ? ATTACHED : DETACHED;
  const radios = registered ? [1, LTE] : [0];
  const state = Buffer.from([REGISTRATION[radio.registration], attach, attach, NETWORK_3GPP, ...radios]);
  if (!registered) return [[0x01, state]];
  // Roaming indicator: 0 on, 1 off. LTE data.
  return [
    [0x01, state],
    [0x10, u8(behaviour.roaming ? 0 : 1)],
    [0x11, Buffer.from([1, 0x0b])],
    [0x12, plmn(behaviour)],
  ];
}

/** Mobile country and network code, 16 bits each, and the operator's name. */
export function plmn({ network }: Behaviour): Buffer {
  return Buffer.concat([u16(network.mcc), u16(network.mnc), text8(network.operator)]);
}

/** The TLVs of "get system info" and of its indication: GSM, UMTS and LTE service, and where LTE has some, its system. */
export function systemInfo(behaviour: Behaviour, radio: Radio): Tlv[] {
  const { none, limited, available } = SERVICE_STATUS;
  const registered = radio.registration === 'registered';
  const lte = registered ? available : radio.signal === undefined ? none : limited;
  const status = (value: number) => Buffer.from([value, value, 0]);
  const services: Tlv[] = [
    [0x12, status(none)],
    [0x13, status(none)],
    [0x14, status(lte)],
  ];
  if (!registered) return services;
  const { mcc, mnc } = behaviour.network;
  const text = (value: number, digits: number) =>
    Buffer.from(String(value).padStart(digits, '0').padEnd(3, '\xff'), 'latin1');
  // Each value after a byte that says whether it is valid.
  const system = Buffer.concat([
    Buffer.from([1, DOMAIN_CS_PS, 1, DOMAIN_CS_PS, 1, radio.roaming ? 1 : 0, 1, 0]),
    Buffer.concat([u8(0), u16(NO_LAC), u8(1), u32(CELL.id)]),
    Buffer.from([0, 0, 0]),
    Buffer.concat([u8(1), text(mcc, 3), text(mnc, 2)]),
    Buffer.concat([u8(1), u16(CELL.tac)]),
  ]);
  return [...services, [0x19, system], [0x1e, u16(0xffff)], [0x21, u8(0)]];
}
