import type { Behaviour } from '../behaviour.ts';
import { u8, u16, u32, u64 } from '../little-endian.ts';
import type { Radio } from '../radio.ts';
import { BANDS } from './bands.ts';
import { type QmiRequest, text8 } from './qmux.ts';
import { ok, QMI_ERROR, type QmiAnswer, type QmiTable, refused } from './service.ts';

const MESSAGE = {
  networkScan: 0x0021,
  initiateRegister: 0x0022,
  getPreferredNetworks: 0x0026,
  getTechnologyPreference: 0x002b,
  setSystemSelection: 0x0033,
  getSystemSelection: 0x0034,
  getPlmnName: 0x0044,
} as const;

const LTE = 8;
/** QmiNasNetworkStatus: serving or available; home or roaming; not forbidden; not preferred. */
const STATUS = { serving: 1, available: 2, home: 4, roaming: 8, notForbidden: 0x20, notPreferred: 0x80 };
const REGISTER = { automatic: 1, manual: 2 } as const;
const SELECTION = { automatic: 0, manual: 1 } as const;
/** QmiNasRatModePreference: GSM, UMTS and LTE. */
const ALL_MODES = 0x1c;
const TECHNOLOGY_AUTO = 0;
const PERMANENT = 0;
const ENCODING_ASCII = 1;
const ROAMING_ANY = 0xff;
const DOMAIN_CS_PS = 2;

/** Choosing a network and how: scan, registration by hand, preferences, an operator's name. */
export function createNetworkChoice(behaviour: Behaviour, radio: Radio): QmiTable {
  let modes = ALL_MODES;
  let selection: number = SELECTION.automatic;

  function scan(): QmiAnswer {
    if (!radio.online || radio.signal === undefined) return ok([0x10, u16(0)]);
    const { mcc, mnc, operator } = behaviour.network;
    const serving = radio.registration === 'registered' ? STATUS.serving : STATUS.available;
    const place = behaviour.roaming ? STATUS.roaming : STATUS.home;
    const status = serving | place | STATUS.notForbidden | STATUS.notPreferred;
    const plmn = Buffer.concat([u16(mcc), u16(mnc)]);
    return ok(
      [0x10, Buffer.concat([u16(1), plmn, u8(status), text8(operator)])],
      [0x11, Buffer.concat([u16(1), plmn, u8(LTE)])],
    );
  }

  function register({ tlvs }: QmiRequest): QmiAnswer {
    const action = tlvs.get(0x01)?.[0];
    if (action === undefined) return refused(QMI_ERROR.MissingArgument);
    if (action === REGISTER.automatic) selection = SELECTION.automatic;
    else if (action === REGISTER.manual) {
      const wanted = tlvs.get(0x10);
      if (wanted === undefined) return refused(QMI_ERROR.MissingArgument);
      if (wanted.length < 5) return refused(QMI_ERROR.MalformedMessage);
      if (!isOurs(behaviour, wanted)) return refused(QMI_ERROR.NoNetworkFound);
      selection = SELECTION.manual;
    } else return refused(QMI_ERROR.InvalidArgument);
    return ok();
  }

  function plmnName({ tlvs }: QmiRequest): QmiAnswer {
    const wanted = tlvs.get(0x01);
    if (wanted === undefined) return refused(QMI_ERROR.MissingArgument);
    if (wanted.length < 4) return refused(QMI_ERROR.MalformedMessage);
    if (!isOurs(behaviour, wanted)) return refused(QMI_ERROR.InformationUnavailable);
    const name = text8(behaviour.network.operator);
    // For short and long name: encoding, country initials, spare bits.
    const form = Buffer.from([ENCODING_ASCII, 0, 0]);
    return ok([0x10, Buffer.concat([u8(ENCODING_ASCII), u8(0), form, name, form, name])]);
  }

  return {
    [MESSAGE.networkScan]: scan,
    [MESSAGE.initiateRegister]: register,
    [MESSAGE.getPreferredNetworks]: () => ok([0x10, u16(0)], [0x11, u16(0)]),
    [MESSAGE.getTechnologyPreference]: () =>
      ok([0x01, Buffer.concat([u16(TECHNOLOGY_AUTO), u8(PERMANENT)])], [0x10, u16(TECHNOLOGY_AUTO)]),
    [MESSAGE.setSystemSelection]: ({ tlvs }) => {
      const wanted = tlvs.get(0x11);
      if (wanted !== undefined && wanted.length < 2) return refused(QMI_ERROR.MalformedMessage);
      modes = wanted?.readUInt16LE(0) ?? modes;
      selection = tlvs.get(0x16)?.[0] ?? selection;
      return ok();
    },
    [MESSAGE.getSystemSelection]: () =>
      ok(
        [0x10, u8(0)],
        [0x11, u16(modes)],
        [0x12, u64(BANDS.gsmUmts)],
        [0x14, u16(ROAMING_ANY)],
        [0x15, u64(BANDS.lte)],
        [0x16, u8(selection)],
        [0x18, u32(DOMAIN_CS_PS)],
      ),
    [MESSAGE.getPlmnName]: plmnName,
  };
}

/** Whether a mobile country and network code, 16 bits each, is that of the network. */
function isOurs({ network }: Behaviour, plmn: Buffer): boolean {
  return plmn.readUInt16LE(0) === network.mcc && plmn.readUInt16LE(2) === network.mnc;
}
