import { u32 } from '../little-endian.ts';
import { readNumber } from './fields.ts';
import { BASIC_CONNECT, COMMAND, type MbimParts, type MbimTable, ok, refused, STATUS } from './service.ts';

const REMOVABLE_DEVICE = 2;
const GSM_CLASS = 1;
const NO_VOICE = 1;
const SIM_REMOVABLE = 2;
/** GPRS, EDGE, UMTS, HSDPA, HSUPA and LTE (table 10-10). */
const DATA_CLASSES = 0x3f;
const NO_SMS = 0;
/** Registration by hand. */
const CONTROL_CAPS = 1;
const MAX_SESSIONS = 1;
const RADIO = { off: 0, on: 1 } as const;

/** The device itself: what it can do, its radio switch, its services, its counters (§10.5.1, 3, 29, 30, 33). */
export function createDeviceTable({ identity, radio, traffic }: MbimParts): MbimTable {
  const radioState = () => ok(RADIO.on, radio.online ? RADIO.on : RADIO.off);
  return {
    [COMMAND.deviceCaps]: () =>
      ok(
        ...[
          REMOVABLE_DEVICE,
          GSM_CLASS,
          NO_VOICE,
          SIM_REMOVABLE,
          DATA_CLASSES,
          NO_SMS,
          CONTROL_CAPS,
          MAX_SESSIONS,
        ],
        ...['', identity.imei, identity.revision, identity.hardwareRevision],
      ),
    [COMMAND.radioState]: ({ isSet, buffer }) => {
      if (!isSet) return radioState();
      const wanted = readNumber(buffer, 0);
      if (wanted !== RADIO.on && wanted !== RADIO.off) return refused(STATUS.invalidParameters);
      radio.online = wanted === RADIO.on;
      return radioState();
    },
    [COMMAND.deviceServices]: () => {
      const cids = Object.values(COMMAND);
      const element = Buffer.concat([
        Buffer.from(BASIC_CONNECT, 'hex'),
        ...[0, 0, cids.length, ...cids].map(u32),
      ]);
      // One service, no further data sessions, then where the element stands.
      return ok(1, 0, 16, element.length, { inline: element });
    },
    // What the host wants to hear of is taken as it is; all of it is told.
    [COMMAND.subscribeList]: ({ isSet, buffer }) =>
      isSet ? { status: STATUS.ok, buffer: Buffer.from(buffer) } : refused(STATUS.invalidParameters),
    [COMMAND.packetStatistics]: () => {
      const { up, down } = traffic;
      const octets = [down.bytes, down.packets, up.bytes, up.packets].map(BigInt);
      return ok(0, 0, ...octets, 0, 0);
    },
    [COMMAND.idleHint]: () => ok(0),
  };
}
