import { IDENTITY } from '../identity.ts';
import type { Radio } from '../radio.ts';
import type { PinAnswer, PinState, Sim } from '../sim.ts';
import { BANDS } from './bands.ts';
import { SERVICE, u8, u32, u64 } from './qmux.ts';
import { ok, QMI_ERROR, type QmiAnswer, type QmiService, refused } from './service.ts';

const MESSAGE = {
  reset: 0x0000,
  setEventReport: 0x0001,
  getCapabilities: 0x0020,
  getManufacturer: 0x0021,
  getModel: 0x0022,
  getRevision: 0x0023,
  getMsisdn: 0x0024,
  getIds: 0x0025,
  getPowerState: 0x0026,
  uimSetPinProtection: 0x0027,
  uimVerifyPin: 0x0028,
  uimUnblockPin: 0x0029,
  uimChangePin: 0x002a,
  uimGetPinStatus: 0x002b,
  getHardwareRevision: 0x002c,
  getOperatingMode: 0x002d,
  setOperatingMode: 0x002e,
  uimGetIccid: 0x003c,
  uimGetCkStatus: 0x0040,
  uimGetImsi: 0x0043,
  uimGetState: 0x0044,
  getBandCapabilities: 0x0045,
} as const;

/** QmiDmsOperatingMode of libqmi. The radio is off in all but `online`. */
const MODE = { online: 0, lowPower: 1, offline: 3, reset: 4 } as const;
const PIN1 = 1;
const RADIO_INTERFACES = { gsm: 4, umts: 5, lte: 8 } as const;
const PIN_STATUS: Readonly<Record<PinState, number>> = {
  absent: 0,
  required: 1,
  verified: 2,
  disabled: 3,
  blocked: 4,
  dead: 5,
};

/** Control key state of a facility lock that is off, with the tries of its key: QmiDmsUimFacilityState. */
const FACILITY_OFF = [0, 10, 10];
const UIM_STATE = { complete: 0, locked: 1, absent: 2 } as const;

/**
 * Device management: the modem's identity, its SIM's PIN, its operating mode.
 * @param restart the modem leaves the bus and comes back
 */
export function createDms(sim: Sim, radio: Radio, restart: () => void): QmiService {
  let offline = false;
  const text = (value: string) => () => ok([0x01, Buffer.from(value)]);
  const whenReady = (value: string) => () =>
    sim.ready ? ok([0x01, Buffer.from(value)]) : refused(QMI_ERROR.UimUninitialized);

  return {
    number: SERVICE.DMS,
    name: 'DMS',
    version: [1, 4],
    secrets: {
      [MESSAGE.uimSetPinProtection]: [0x01],
      [MESSAGE.uimVerifyPin]: [0x01],
      [MESSAGE.uimUnblockPin]: [0x01],
      [MESSAGE.uimChangePin]: [0x01],
    },
    messages: {
      [MESSAGE.reset]: () => ok(),
      [MESSAGE.setEventReport]: () => ok(),
      [MESSAGE.getCapabilities]: () => {
        const { gsm, umts, lte } = RADIO_INTERFACES;
        const dataService = u8(2);
        const simSupported = u8(2);
        const radios = Buffer.from([3, gsm, umts, lte]);
        return ok([
          0x01,
          Buffer.concat([u32(50_000_000), u32(100_000_000), dataService, simSupported, radios]),
        ]);
      },
      [MESSAGE.getManufacturer]: text(IDENTITY.manufacturer),
      [MESSAGE.getModel]: text(IDENTITY.model),
      [MESSAGE.getRevision]: text(IDENTITY.revision),
      [MESSAGE.getHardwareRevision]: text(IDENTITY.hardwareRevision),
      [MESSAGE.getMsisdn]: () => refused(QMI_ERROR.InformationUnavailable),
      [MESSAGE.getIds]: () => ok([0x10, Buffer.from('0')], [0x11, Buffer.from(IDENTITY.imei)]),
      // Powered from outside, battery full.
      [MESSAGE.getPowerState]: () => ok([0x01, Buffer.from([1, 100])]),
      [MESSAGE.uimSetPinProtection]: ({ tlvs }) => {
        const [id, on, ...rest] = tlvs.get(0x01) ?? [];
        if (id === undefined || on === undefined) return refused(QMI_ERROR.MissingArgument);
        const pin = readStrings(Buffer.from(rest), 1)?.[0];
        if (pin === undefined) return refused(QMI_ERROR.MalformedMessage);
        if (id !== PIN1) return refused(QMI_ERROR.InvalidPinId);
        return pinAnswer(sim, sim.protect(pin, on !== 0));
      },
      [MESSAGE.uimVerifyPin]: ({ tlvs }) => {
        const [id, ...rest] = tlvs.get(0x01) ?? [];
        if (id === undefined) return refused(QMI_ERROR.MissingArgument);
        const pin = readStrings(Buffer.from(rest), 1)?.[0];
        if (pin === undefined) return refused(QMI_ERROR.MalformedMessage);
        if (id !== PIN1) return refused(QMI_ERROR.InvalidPinId);
        return pinAnswer(sim, sim.verify(pin));
      },
      [MESSAGE.uimUnblockPin]: ({ tlvs }) => {
        const [id, ...rest] = tlvs.get(0x01) ?? [];
        if (id === undefined) return refused(QMI_ERROR.MissingArgument);
        const [puk, pin] = readStrings(Buffer.from(rest), 2) ?? [];
        if (puk === undefined || pin === undefined) return refused(QMI_ERROR.MalformedMessage);
        if (id !== PIN1) return refused(QMI_ERROR.InvalidPinId);
        return pinAnswer(sim, sim.unblock(puk, pin));
      },
      [MESSAGE.uimChangePin]: ({ tlvs }) => {
        const [id, ...rest] = tlvs.get(0x01) ?? [];
        if (id === undefined) return refused(QMI_ERROR.MissingArgument);
        const [old, pin] = readStrings(Buffer.from(rest), 2) ?? [];
        if (old === undefined || pin === undefined) return refused(QMI_ERROR.MalformedMessage);
        if (id !== PIN1) return refused(QMI_ERROR.InvalidPinId);
        return pinAnswer(sim, sim.change(old, pin));
      },
      [MESSAGE.uimGetPinStatus]: () =>
        sim.state === 'absent'
          ? refused(QMI_ERROR.UimUninitialized)
          : ok(
              [0x11, Buffer.from([PIN_STATUS[sim.state], sim.retries, sim.pukRetries])],
              [0x12, Buffer.from([1, 3, 10])],
            ),
      [MESSAGE.getOperatingMode]: () =>
        ok([0x01, u8(radio.online ? MODE.online : offline ? MODE.offline : MODE.lowPower)]),
      [MESSAGE.setOperatingMode]: ({ tlvs }) => {
        const mode = tlvs.get(0x01)?.[0];
        if (mode === undefined) return refused(QMI_ERROR.MissingArgument);
        if (mode === MODE.reset) restart();
        else if (mode === MODE.online || mode === MODE.lowPower || mode === MODE.offline) {
          offline = mode === MODE.offline;
          radio.online = mode === MODE.online;
        } else return refused(QMI_ERROR.InvalidArgument);
        return ok();
      },
      [MESSAGE.uimGetIccid]: () =>
        sim.state === 'absent' ? refused(QMI_ERROR.UimUninitialized) : ok([0x01, Buffer.from(sim.iccid)]),
      [MESSAGE.uimGetImsi]: whenReady(sim.imsi),
      [MESSAGE.uimGetCkStatus]: () =>
        sim.state === 'absent' ? refused(QMI_ERROR.UimUninitialized) : ok([0x01, Buffer.from(FACILITY_OFF)]),
      [MESSAGE.uimGetState]: () => {
        const { absent, complete, locked } = UIM_STATE;
        return ok([0x01, u8(sim.state === 'absent' ? absent : sim.ready ? complete : locked)]);
      },
      [MESSAGE.getBandCapabilities]: () => ok([0x01, u64(BANDS.gsmUmts)], [0x10, u64(BANDS.lte)]),
    },
  };
}

/** Length-prefixed strings; undefined unless they fill `bytes` exactly. */
function readStrings(bytes: Buffer, count: number): string[] | undefined {
  const strings: string[] = [];
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length) return undefined;
    strings.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return at === bytes.length ? strings : undefined;
}

/** A refusal contains the tries that are left: TLV 0x10, PIN and PUK. */
function pinAnswer(sim: Sim, answer: PinAnswer): QmiAnswer {
  if (sim.state === 'absent') return refused(QMI_ERROR.UimUninitialized);
  if (answer === 'ok') return ok();
  if (answer === 'not-needed') return refused(QMI_ERROR.NoEffect);
  const blocked = sim.state === 'dead' ? QMI_ERROR.PinAlwaysBlocked : QMI_ERROR.PinBlocked;
  const error = answer === 'wrong' ? QMI_ERROR.IncorrectPin : blocked;
  return refused(error, [0x10, Buffer.from([sim.retries, sim.pukRetries])]);
}
