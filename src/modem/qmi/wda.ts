import { u8, u32 } from '../little-endian.ts';
import { type QmiRequest, SERVICE, type Tlv } from './qmux.ts';
import { ok, QMI_ERROR, type QmiAnswer, type QmiService, refused } from './service.ts';

const MESSAGE = { setDataFormat: 0x0020, getDataFormat: 0x0021 } as const;
/** QmiWdaLinkLayerProtocol of libqmi, and QmiCtlDataLinkProtocol: Ethernet frames or IP packets. */
export const LINK_LAYER = { ethernet: 1, rawIp: 2 } as const;
const NO_AGGREGATION = 0;

/**
 * Data administration of a modem that knows raw IP alone, as those with an MDM9607 do: whatever is asked, the answer is
 * raw IP, each packet in a transfer of its own.
 */
export function createWda(): QmiService {
  const format: Tlv[] = [
    [0x10, u8(0)],
    [0x11, u32(LINK_LAYER.rawIp)],
    [0x12, u32(NO_AGGREGATION)],
    [0x13, u32(NO_AGGREGATION)],
    [0x15, u32(0)],
    [0x16, u32(0)],
    [0x17, u32(0)],
    [0x18, u32(0)],
  ];
  function set({ tlvs }: QmiRequest): QmiAnswer {
    const wanted = tlvs.get(0x11);
    if (wanted !== undefined && wanted.length < 4) return refused(QMI_ERROR.MalformedMessage);
    const layer = wanted?.readUInt32LE(0) ?? LINK_LAYER.rawIp;
    if (layer !== LINK_LAYER.ethernet && layer !== LINK_LAYER.rawIp)
      return refused(QMI_ERROR.InvalidArgument);
    return ok(...format);
  }
  return {
    number: SERVICE.WDA,
    name: 'WDA',
    version: [1, 16],
    messages: { [MESSAGE.setDataFormat]: set, [MESSAGE.getDataFormat]: () => ok(...format) },
  };
}
