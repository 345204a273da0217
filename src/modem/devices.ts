/** The devices that can be emulated. */
export const DEVICE_NAMES = ['e397u', 'ec25', 'mbim'] as const;

/** One of the emulated devices; `e397u` is the Huawei stick. */
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** What tells one emulated device from another, for whoever watches it from outside. */
export interface DeviceDescription {
  readonly name: DeviceName;
  /** What a person calls it. */
  readonly title: string;
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
    name: 'e397u',
    title: 'Huawei E397u-53',
    usbId: '12d1:1506',
    factoryUsbId: '12d1:1505',
    protocol: 'qmi',
    addressing: 'dhcp',
  },
  ec25: {
    name: 'ec25',
    title: 'Quectel EC25',
    usbId: '2c7c:0125',
    protocol: 'qmi',
    addressing: 'protocol',
  },
  mbim: {
    name: 'mbim',
    title: 'TCL IK512',
    usbId: '1bbb:0530',
    protocol: 'mbim',
    addressing: 'protocol',
  },
};
