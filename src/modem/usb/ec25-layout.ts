import type { UsbInterface } from './device.ts';
import { bulk, interrupt } from './endpoints.ts';
import type { UsbModel } from './usb-model.ts';

/**
 * The Quectel EC25, 2c7c:0125, after usb-devices listings of one (class ef/02/01, revision 3.18): diag, NMEA, AT and
 * modem ports for `option`, and QMI with its bulk endpoints in one interface for `qmi_wwan`.
 */
const INTERFACE = { diag: 0, nmea: 1, at: 2, modem: 3, qmi: 4 } as const;

/** CDC 1.20 §5.2.3.1, 1.10 call management, ACM and union: the serial ports carry them, as Qualcomm's do. */
const serialDescriptors = (number: number) =>
  Buffer.from([5, 0x24, 0, 0x10, 1, 5, 0x24, 1, 0, 0, 4, 0x24, 2, 2, 5, 0x24, 6, number, number]);

function serial(number: number, inAddress: number, outAddress: number, notify: number): UsbInterface {
  return {
    number,
    interfaceClass: 0xff,
    subclass: 0,
    protocol: 0,
    extra: serialDescriptors(number),
    endpoints: [interrupt(notify, 10), bulk(inAddress), bulk(outAddress)],
  };
}

/** The module as the kernel sees it. QMI is silent until DTR is set (QMI_QUIRK_SET_DTR in qmi_wwan.c). */
export const EC25_USB: UsbModel = {
  layout: {
    deviceClass: 0xef,
    subclass: 2,
    protocol: 1,
    vendorId: 0x2c7c,
    productId: 0x0125,
    version: 0x0318,
    strings: { 2: 'EC25-E', 3: 'Quectel' },
    interfaces: [
      {
        number: INTERFACE.diag,
        interfaceClass: 0xff,
        subclass: 0xff,
        protocol: 0xff,
        endpoints: [bulk(0x81), bulk(0x01)],
      },
      serial(INTERFACE.nmea, 0x82, 0x02, 0x83),
      serial(INTERFACE.at, 0x84, 0x03, 0x85),
      serial(INTERFACE.modem, 0x86, 0x04, 0x87),
      {
        number: INTERFACE.qmi,
        interfaceClass: 0xff,
        subclass: 0xff,
        protocol: 0xff,
        endpoints: [interrupt(0x89, 8), bulk(0x88), bulk(0x05)],
      },
    ],
  },
  serial: [
    { name: 'diag', interface: INTERFACE.diag, inEndpoint: 0x81, outEndpoint: 0x01 },
    { name: 'pcui', interface: INTERFACE.at, inEndpoint: 0x84, outEndpoint: 0x03 },
    { name: 'modem', interface: INTERFACE.modem, inEndpoint: 0x86, outEndpoint: 0x04 },
  ],
  control: { interface: INTERFACE.qmi, interrupt: 0x89, needsDtr: true },
  data: { inEndpoint: 0x88, outEndpoint: 0x05 },
  storage: [],
};
