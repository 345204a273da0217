import type { DeviceLayout, Endpoint, UsbInterface } from './device.ts';
import { bulk, interrupt } from './endpoints.ts';
import { createIsoImage } from './iso-image.ts';
import type { UsbModel } from './usb-model.ts';

/**
 * The two modes of the Huawei E397u-53. The layout of modem mode follows a published usb-devices listing of a
 * 12d1:1506 of the E392/E398 family (device class ef/02/01, seven interfaces).
 */

/** Endpoint addresses in modem mode, by their use. */
const MODEM_ENDPOINT = {
  modemIn: 0x82,
  modemOut: 0x01,
  qmiInterrupt: 0x83,
  dataIn: 0x84,
  dataOut: 0x02,
  diagIn: 0x85,
  diagOut: 0x03,
  pcuiIn: 0x86,
  pcuiOut: 0x04,
  cdIn: 0x87,
  cdOut: 0x05,
  cardIn: 0x88,
  cardOut: 0x06,
} as const;

/** Endpoint addresses in factory mode. */
export const FACTORY_ENDPOINT = { cdIn: 0x81, cdOut: 0x01 } as const;

/** Interface numbers in modem mode. */
const MODEM_INTERFACE = { modem: 0, qmi: 1, data: 2, diag: 3, pcui: 4, cd: 5, card: 6 } as const;

/** The address of wwan0, 00:1e:10:1f:00:01; qmi_wwan reads it from string 4. */
const STICK_MAC = Buffer.from('001e101f0001', 'hex');

const HUAWEI = 0x12d1;
const STRINGS = {
  1: 'Huawei Configuration',
  2: 'HUAWEI Mobile',
  3: 'Huawei Technologies',
  4: STICK_MAC.toString('hex').toUpperCase(),
};

// CDC 1.20 §5.2.3: header 1.10, ACM (all), union of interfaces 1 and 2, Ethernet with MTU 1514 and MAC 4.
const QMI_DESCRIPTORS = Buffer.from(
  '0524001001 0424020f 0524060102 0d240f0400000000ea05000000'.replaceAll(' ', ''),
  'hex',
);

/** 12d1:1506, which the option and qmi_wwan drivers bind to. */
export const MODEM_LAYOUT: DeviceLayout = {
  deviceClass: 0xef,
  subclass: 2,
  protocol: 1,
  vendorId: HUAWEI,
  productId: 0x1506,
  version: 0,
  strings: STRINGS,
  interfaces: [
    vendorInterface(MODEM_INTERFACE.modem, 0x01, [
      interrupt(0x81, 64),
      ...bulkPair(MODEM_ENDPOINT.modemIn, MODEM_ENDPOINT.modemOut),
    ]),
    vendorInterface(
      MODEM_INTERFACE.qmi,
      0x09,
      [interrupt(MODEM_ENDPOINT.qmiInterrupt, 64, 5)],
      QMI_DESCRIPTORS,
    ),
    vendorInterface(MODEM_INTERFACE.data, 0x08, bulkPair(MODEM_ENDPOINT.dataIn, MODEM_ENDPOINT.dataOut)),
    vendorInterface(MODEM_INTERFACE.diag, 0x03, bulkPair(MODEM_ENDPOINT.diagIn, MODEM_ENDPOINT.diagOut)),
    vendorInterface(MODEM_INTERFACE.pcui, 0x02, bulkPair(MODEM_ENDPOINT.pcuiIn, MODEM_ENDPOINT.pcuiOut)),
    storageInterface(MODEM_INTERFACE.cd, MODEM_ENDPOINT.cdIn, MODEM_ENDPOINT.cdOut),
    storageInterface(MODEM_INTERFACE.card, MODEM_ENDPOINT.cardIn, MODEM_ENDPOINT.cardOut),
  ],
};

/** The stick in modem mode, with what is behind its endpoints. */
export const E397U_USB: UsbModel = {
  layout: MODEM_LAYOUT,
  serial: [
    {
      name: 'modem',
      interface: MODEM_INTERFACE.modem,
      inEndpoint: MODEM_ENDPOINT.modemIn,
      outEndpoint: MODEM_ENDPOINT.modemOut,
    },
    {
      name: 'diag',
      interface: MODEM_INTERFACE.diag,
      inEndpoint: MODEM_ENDPOINT.diagIn,
      outEndpoint: MODEM_ENDPOINT.diagOut,
    },
    {
      name: 'pcui',
      interface: MODEM_INTERFACE.pcui,
      inEndpoint: MODEM_ENDPOINT.pcuiIn,
      outEndpoint: MODEM_ENDPOINT.pcuiOut,
    },
  ],
  control: { interface: MODEM_INTERFACE.qmi, interrupt: MODEM_ENDPOINT.qmiInterrupt },
  data: { inEndpoint: MODEM_ENDPOINT.dataIn, outEndpoint: MODEM_ENDPOINT.dataOut },
  storage: [
    {
      interface: MODEM_INTERFACE.cd,
      inEndpoint: MODEM_ENDPOINT.cdIn,
      outEndpoint: MODEM_ENDPOINT.cdOut,
      drive: { kind: 'cdrom', product: 'Mass Storage', medium: createIsoImage('MOBILE') },
    },
    {
      interface: MODEM_INTERFACE.card,
      inEndpoint: MODEM_ENDPOINT.cardIn,
      outEndpoint: MODEM_ENDPOINT.cardOut,
      drive: { kind: 'disk', product: 'TF CARD Storage' },
    },
  ],
};

/** 12d1:1505: a CD-ROM with the Windows drivers, until the switch command. */
export const FACTORY_LAYOUT: DeviceLayout = {
  deviceClass: 0,
  subclass: 0,
  protocol: 0,
  vendorId: HUAWEI,
  productId: 0x1505,
  version: 0,
  strings: STRINGS,
  interfaces: [storageInterface(0, FACTORY_ENDPOINT.cdIn, FACTORY_ENDPOINT.cdOut)],
};

function vendorInterface(
  number: number,
  protocol: number,
  endpoints: readonly Endpoint[],
  extra?: Buffer,
): UsbInterface {
  const base = { number, interfaceClass: 0xff, subclass: 1, protocol, endpoints };
  return extra === undefined ? base : { ...base, extra };
}

/** Mass storage, SCSI transparent, Bulk-Only. */
function storageInterface(number: number, inAddress: number, outAddress: number): UsbInterface {
  const endpoints = [inAddress, outAddress].map((address) => bulk(address));
  return { number, interfaceClass: 8, subclass: 6, protocol: 0x50, endpoints };
}

function bulkPair(inAddress: number, outAddress: number): Endpoint[] {
  return [bulk(inAddress), bulk(outAddress, 4)];
}
