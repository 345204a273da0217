import type { Behaviour } from '../behaviour.ts';
import type { Registration } from '../events.ts';
import type { Radio, Signal } from '../radio.ts';
import { createNetworkChoice } from './nas-network.ts';
import { SERVICE, type Tlv, text8, u8, u16 } from './qmux.ts';
import { BROADCAST, type Indicate, ok, QMI_ERROR, type QmiService, refused } from './service.ts';

const MESSAGE = {
  reset: 0x0000,
  setEventReport: 0x0002,
  registerIndications: 0x0003,
  getSignalStrength: 0x0020,
  getServingSystem: 0x0024,
  getHomeNetwork: 0x0025,
  getSignalInfo: 0x004f,
  configSignalInfo: 0x0050,
  signalInfoIndication: 0x0051,
} as const;

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
/** Bits of the request mask of "get signal strength". */
const MASK = { rssi: 0x01, rsrq: 0x20, lteSnr: 0x40, lteRsrp: 0x80 } as const;

/** Network access: signal and registration. Without a signal, signal messages fail with 74. */
export function createNas(behaviour: Behaviour, radio: Radio, indicate: Indicate): QmiService {
  let reportsSignal = false;
  radio.subscribe((registration) => {
    indicate(SERVICE.NAS, BROADCAST, MESSAGE.getServingSystem, servingSystem(behaviour, radio));
    if (registration === 'off') reportsSignal = false;
    const { signal } = radio;
    if (reportsSignal && signal !== undefined)
      indicate(SERVICE.NAS, BROADCAST, MESSAGE.signalInfoIndication, [lteSignal(signal)]);
  });
  return {
    number: SERVICE.NAS,
    name: 'NAS',
    version: [1, 1],
    messages: {
      ...createNetworkChoice(behaviour, radio),
      [MESSAGE.reset]: () => ok(),
      [MESSAGE.setEventReport]: () => ok(),
      [MESSAGE.registerIndications]: () => ok(),
      [MESSAGE.getSignalStrength]: ({ tlvs }) => {
        const signal = radio.signal;
        if (signal === undefined) return refused(QMI_ERROR.InformationUnavailable);
        const given = tlvs.get(0x10);
        if (given !== undefined && given.length < 2) return refused(QMI_ERROR.MalformedMessage);
        const mask = given?.readUInt16LE(0) ?? 0;
        const strength = Buffer.from([signal.rssiDbm & 0xff, LTE]);
        const answer: Tlv[] = [
          [0x01, strength],
          [0x10, Buffer.concat([u16(1), strength])],
        ];
        if (mask & MASK.rssi)
          answer.push([0x11, Buffer.concat([u16(1), Buffer.from([-signal.rssiDbm, LTE])])]);
        if (mask & MASK.rsrq) answer.push([0x16, Buffer.from([signal.rsrqDb & 0xff, LTE])]);
        if (mask & MASK.lteSnr) answer.push([0x17, u16(signal.snrTenthsDb)]);
        if (mask & MASK.lteRsrp) answer.push([0x18, u16(signal.rsrpDbm)]);
        return ok(...answer);
      },
      [MESSAGE.getSignalInfo]: () => {
        const signal = radio.signal;
        if (signal === undefined) return refused(QMI_ERROR.InformationUnavailable);
        return ok(lteSignal(signal));
      },
      [MESSAGE.configSignalInfo]: () => {
        reportsSignal = true;
        return ok();
      },
      [MESSAGE.getServingSystem]: () => ok(...servingSystem(behaviour, radio)),
      [MESSAGE.getHomeNetwork]: () => ok([0x01, plmn(behaviour)]),
    },
  };
}

/** TLV 0x14 of "get signal info" and of its indication. */
function lteSignal({ rssiDbm, rsrqDb, rsrpDbm, snrTenthsDb }: Signal): Tlv {
  return [0x14, Buffer.concat([u8(rssiDbm), u8(rsrqDb), u16(rsrpDbm), u16(snrTenthsDb)])];
}

function servingSystem(behaviour: Behaviour, radio: Radio): Tlv[] {
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

function plmn({ network }: Behaviour): Buffer {
  return Buffer.concat([u16(network.mcc), u16(network.mnc), text8(network.operator)]);
}
