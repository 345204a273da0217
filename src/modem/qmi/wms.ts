import { u8, u16, u32 } from '../little-endian.ts';
import type { QmiFirmware } from './firmware.ts';
import { SERVICE } from './qmux.ts';
import { ok, QMI_ERROR, type QmiService, refused } from './service.ts';

const MESSAGE = {
  reset: 0x0000,
  setEventReport: 0x0001,
  getMessageProtocol: 0x0030,
  listMessages: 0x0031,
  setRoutes: 0x0032,
  getRoutes: 0x0033,
} as const;

const STORAGE = { uim: 0, nv: 1 } as const;
const WCDMA = 1;
/** A route: point-to-point messages, class none, onto the modem, store and notify. */
const ROUTE = { type: 0, messageClass: 4, storage: STORAGE.nv, action: 1 } as const;

/** Short messages: there are none, and none can be sent. */
export function createWms({ versions }: QmiFirmware): QmiService {
  let routes = Buffer.concat([u16(1), Buffer.from(Object.values(ROUTE))]);
  return {
    number: SERVICE.WMS,
    name: 'WMS',
    version: versions.wms,
    messages: {
      [MESSAGE.reset]: () => ok(),
      [MESSAGE.setEventReport]: () => ok(),
      [MESSAGE.getMessageProtocol]: () => ok([0x01, u8(WCDMA)]),
      [MESSAGE.listMessages]: ({ tlvs }) => {
        const storage = tlvs.get(0x01)?.[0];
        if (storage === undefined) return refused(QMI_ERROR.MissingArgument);
        if (storage !== STORAGE.uim && storage !== STORAGE.nv) return refused(QMI_ERROR.InvalidArgument);
        return ok([0x01, u32(0)]);
      },
      [MESSAGE.setRoutes]: ({ tlvs }) => {
        const wanted = tlvs.get(0x01);
        if (wanted === undefined) return refused(QMI_ERROR.MissingArgument);
        if (wanted.length < 2 || wanted.length !== 2 + 4 * wanted.readUInt16LE(0))
          return refused(QMI_ERROR.MalformedMessage);
        routes = Buffer.from(wanted);
        return ok();
      },
      [MESSAGE.getRoutes]: () => ok([0x01, routes]),
    },
  };
}
