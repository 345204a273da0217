import type { Identity } from '../identity.ts';
import { u8, u32, u64 } from '../little-endian.ts';
import type { Radio } from '../radio.ts';
import { BANDS } from './bands.ts';
import { SERVICE } from './qmux.ts';
import { ok, QMI_ERROR, type QmiService, refused } from './service.ts';

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
  getHardwareRevision: 0x002c,
  getOperatingMode: 0x002d,
  setOperatingMode: 0x002e,
  getBandCapabilities: 0x0045,
} as const;

/** QmiDmsOperatingMode of libqmi. The radio is off in all but `online`. */
const MODE = { online: 0, lowPower: 1, offline: 3, reset: 4 } as const;
const RADIO_INTERFACES = { gsm: 4, umts: 5, lte: 8 } as const;

/** What DMS is made of. */
export interface DmsOptions {
  readonly identity: Identity;
  readonly version: QmiService['version'];
  readonly radio: Radio;
  /** The SIM's messages, in firmware that has them here. */
  readonly uim?: Required<Pick<QmiService, 'messages' | 'secrets'>>;
  /** The modem leaves the bus and comes back. */
  readonly restart: () => void;
}

/** Device management: the modem's identity, and its operating mode. */
export function createDms({ identity, version, radio, uim, restart }: DmsOptions): QmiService {
  let offline = false;
  const text = (value: string) => () => ok([0x01, Buffer.from(value)]);

  return {
    number: SERVICE.DMS,
    name: 'DMS',
    version,
    secrets: uim?.secrets ?? {},
    messages: {
      ...uim?.messages,
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
      [MESSAGE.getManufacturer]: text(identity.manufacturer),
      [MESSAGE.getModel]: text(identity.model),
      [MESSAGE.getRevision]: text(identity.revision),
      [MESSAGE.getHardwareRevision]: text(identity.hardwareRevision),
      [MESSAGE.getMsisdn]: () => refused(QMI_ERROR.InformationUnavailable),
      [MESSAGE.getIds]: () => ok([0x10, Buffer.from('0')], [0x11, Buffer.from(identity.imei)]),
      // Powered from outside, battery full.
      [MESSAGE.getPowerState]: () => ok([0x01, Buffer.from([1, 100])]),
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
      [MESSAGE.getBandCapabilities]: () => ok([0x01, u64(BANDS.gsmUmts)], [0x10, u64(BANDS.lte)]),
    },
  };
}
