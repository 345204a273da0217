import { bulk, interrupt } from './endpoints.ts';
import type { UsbModel } from './usb-model.ts';

/**
 * The TCL IK512 stick in its MBIM mode, 1bbb:0530, after the usb-devices listing in the kernel's commit that knows it
 * ("USB: serial: option: add TCL IK512 MBIM & ECM"), at high speed: modem, diag and AT ports for `option`, MBIM for `cdc_mbim`.
 */
const INTERFACE = { modem: 0, diag: 1, at: 2, mbim: 3, data: 4 } as const;

/** The data interface, whose alternate setting 1 has the endpoints (MBIM 1.0 §6.6). */
const DATA = { inEndpoint: 0x8e, outEndpoint: 0x0f } as const;

/**
 * Header 1.10 and union of the two interfaces (CDC 1.20 §5.2.3); MBIM 1.0 §6.4: control messages of 4096 bytes, 16
 * filters of 64 bytes, segments of 2048 bytes; its extension: an MTU of 1500.
 */
const MBIM_DESCRIPTORS = Buffer.from(
  '0524001001 0524060304 0c241b000100101040000820 08241c000140dc05'.replaceAll(' ', ''),
  'hex',
);

/** The stick as the kernel sees it. */
export const IK512_USB: UsbModel = {
  layout: {
    deviceClass: 0,
    subclass: 0,
    protocol: 0,
    vendorId: 0x1bbb,
    productId: 0x0530,
    version: 0x0504,
    strings: { 2: 'TCL 5G USB Dongle', 3: 'TCL' },
    interfaces: [
      {
        number: INTERFACE.modem,
        interfaceClass: 0xff,
        subclass: 0xff,
        protocol: 0x40,
        endpoints: [bulk(0x01), bulk(0x81), interrupt(0x82, 10)],
      },
      {
        number: INTERFACE.diag,
        interfaceClass: 0xff,
        subclass: 0xff,
        protocol: 0x30,
        endpoints: [bulk(0x02), bulk(0x83)],
      },
      {
        number: INTERFACE.at,
        interfaceClass: 0xff,
        subclass: 0xff,
        protocol: 0x40,
        endpoints: [bulk(0x03), bulk(0x84), interrupt(0x85, 10)],
      },
      {
        number: INTERFACE.mbim,
        interfaceClass: 2,
        subclass: 0x0e,
        protocol: 0,
        extra: MBIM_DESCRIPTORS,
        endpoints: [interrupt(0x86, 64)],
      },
      {
        number: INTERFACE.data,
        interfaceClass: 0x0a,
        subclass: 0,
        protocol: 2,
        endpoints: [],
        alternate: [bulk(DATA.outEndpoint), bulk(DATA.inEndpoint)],
      },
    ],
  },
  serial: [
    { name: 'modem', interface: INTERFACE.modem, inEndpoint: 0x81, outEndpoint: 0x01 },
    { name: 'diag', interface: INTERFACE.diag, inEndpoint: 0x83, outEndpoint: 0x02 },
    { name: 'pcui', interface: INTERFACE.at, inEndpoint: 0x84, outEndpoint: 0x03 },
  ],
  control: { interface: INTERFACE.mbim, interrupt: 0x86 },
  data: DATA,
  storage: [],
};
