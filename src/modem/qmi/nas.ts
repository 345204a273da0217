import type { Behaviour } from '../behaviour.ts';
import { u16 } from '../little-endian.ts';
import type { Radio } from '../radio.ts';
import type { QmiFirmware } from './firmware.ts';
import { createNetworkChoice } from './nas-network.ts';
import { lteSignal, plmn, servingSystem, systemInfo } from './nas-tlvs.ts';
import { SERVICE, type Tlv } from './qmux.ts';
import {
  BROADCAST,
  type Indicate,
  ok,
  QMI_ERROR,
  type QmiService,
  type QmiTable,
  refused,
} from './service.ts';

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
  getSystemInfo: 0x004d,
  systemInfoIndication: 0x004e,
  configSignalInfo2: 0x006c,
} as const;

const LTE = 8;
/** Bits of the request mask of "get signal strength". */
const MASK = { rssi: 0x01, rsrq: 0x20, lteSnr: 0x40, lteRsrp: 0x80 } as const;

/** Network access: signal and registration. Without a signal, signal messages fail with 74. */
export function createNas(
  behaviour: Behaviour,
  radio: Radio,
  indicate: Indicate,
  firmware: QmiFirmware,
): QmiService {
  let reportsSignal = false;
  radio.subscribe((registration) => {
    indicate(SERVICE.NAS, BROADCAST, MESSAGE.getServingSystem, servingSystem(behaviour, radio));
    if (firmware.isNew)
      indicate(SERVICE.NAS, BROADCAST, MESSAGE.systemInfoIndication, systemInfo(behaviour, radio));
    if (registration === 'off') reportsSignal = false;
    const { signal } = radio;
    if (reportsSignal && signal !== undefined)
      indicate(SERVICE.NAS, BROADCAST, MESSAGE.signalInfoIndication, [lteSignal(signal)]);
  });
  const configSignal = () => {
    reportsSignal = true;
    return ok();
  };

  const newMessages: QmiTable = {
    [MESSAGE.configSignalInfo2]: configSignal,
    [MESSAGE.getSystemInfo]: () => ok(...systemInfo(behaviour, radio)),
  };

  return {
    number: SERVICE.NAS,
    name: 'NAS',
    version: firmware.versions.nas,
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
      [MESSAGE.configSignalInfo]: configSignal,
      ...(firmware.isNew ? newMessages : {}),
      [MESSAGE.getServingSystem]: () => ok(...servingSystem(behaviour, radio)),
      [MESSAGE.getHomeNetwork]: () => ok([0x01, plmn(behaviour)]),
    },
  };
}
