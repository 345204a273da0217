import { HUAWEI_DIALECT, PLAIN_DIALECT, QUECTEL_DIALECT } from './at/commands.ts';
import type { AtDialect } from './at/context.ts';
import type { DeviceName } from './devices.ts';
import {
  E397U_IDENTITY,
  EC25_IDENTITY,
  EC25_QMI_IDENTITY,
  type Identity,
  IK512_IDENTITY,
} from './identity.ts';
import { NEW_FIRMWARE, OLD_FIRMWARE, type QmiFirmware } from './qmi/firmware.ts';
import { E397U_USB } from './usb/e397-layout.ts';
import { EC25_USB } from './usb/ec25-layout.ts';
import { IK512_USB } from './usb/ik512-layout.ts';
import type { UsbModel } from './usb/usb-model.ts';

/** One emulated device, as data: what it looks like on the bus, what it speaks, and what it says of itself. */
export interface DeviceModel {
  readonly usb: UsbModel;
  readonly at: { readonly dialect: AtDialect; readonly identity: Identity };
  readonly control:
    | { readonly protocol: 'qmi'; readonly identity: Identity; readonly firmware: QmiFirmware }
    | { readonly protocol: 'mbim'; readonly identity: Identity };
  /** What a transfer of its network endpoints carries: an Ethernet frame, an IP packet, or a block of IP packets. */
  readonly link: 'ethernet' | 'raw-ip' | 'ntb';
  /** It can come up as the mass storage 12d1:1505, until it is switched. */
  readonly hasFactoryMode: boolean;
}

/** The models by name. */
export const DEVICE_MODELS: Readonly<Record<DeviceName, DeviceModel>> = {
  e397u: {
    usb: E397U_USB,
    at: { dialect: HUAWEI_DIALECT, identity: E397U_IDENTITY },
    control: { protocol: 'qmi', identity: E397U_IDENTITY, firmware: OLD_FIRMWARE },
    link: 'ethernet',
    hasFactoryMode: true,
  },
  ec25: {
    usb: EC25_USB,
    at: { dialect: QUECTEL_DIALECT, identity: EC25_IDENTITY },
    control: { protocol: 'qmi', identity: EC25_QMI_IDENTITY, firmware: NEW_FIRMWARE },
    link: 'raw-ip',
    hasFactoryMode: false,
  },
  mbim: {
    usb: IK512_USB,
    at: { dialect: PLAIN_DIALECT, identity: IK512_IDENTITY },
    control: { protocol: 'mbim', identity: IK512_IDENTITY },
    link: 'ntb',
    hasFactoryMode: false,
  },
};
