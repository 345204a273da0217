/** The devices that can be emulated. */
export const DEVICE_NAMES = ['e397u', 'ec25', 'mbim'] as const;

/** One of the emulated devices: Huawei's E397u-53, Quectel's EC25, TCL's IK512. */
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** What tells one emulated device from another, for whoever watches it from outside. */
export interface DeviceDescription {
  /** Vendor and product in modem mode: `12d1:1506`. */
  readonly usbId: string;
  /** The same in factory mode, for a device that has one. */
  readonly factoryUsbId?: string;
  /** The protocol that starts a call. */
  readonly protocol: 'qmi' | 'mbim';
  /** Where the host gets its address from: DHCP on the link, or the answer of the protocol. */
  readonly addressing: 'dhcp' | 'protocol';
}

/** Every device by its name. */
export const DEVICES: Readonly<Record<DeviceName, DeviceDescription>> = {
  e397u: {
    usbId: '12d1:1506',
    factoryUsbId: '12d1:1505',
    protocol: 'qmi',
    addressing: 'dhcp',
  },
  ec25: {
    usbId: '2c7c:0125',
    protocol: 'qmi',
    addressing: 'protocol',
  },
  mbim: {
    usbId: '1bbb:0530',
    protocol: 'mbim',
    addressing: 'protocol',
  },
};
