import type { DeviceLayout, Endpoint, UsbInterface } from './device.ts';

/** Descriptor types, USB 2.0 table 9-5. */
export const DESCRIPTOR = { device: 1, configuration: 2, string: 3, device_qualifier: 6 } as const;

const BCD_USB_2_0 = 0x0200;
const ENDPOINT_0_SIZE = 64;
const LANGUAGE_ENGLISH_US = 0x0409;

/** The 18 bytes of USB 2.0 table 9-8. */
export function encodeDeviceDescriptor(layout: DeviceLayout): Buffer {
  const bytes = Buffer.alloc(18);
  bytes[0] = bytes.length;
  bytes[1] = DESCRIPTOR.device;
  bytes.writeUInt16LE(BCD_USB_2_0, 2);
  bytes[4] = layout.deviceClass;
  bytes[5] = layout.subclass;
  bytes[6] = layout.protocol;
  bytes[7] = ENDPOINT_0_SIZE;
  bytes.writeUInt16LE(layout.vendorId, 8);
  bytes.writeUInt16LE(layout.productId, 10);
  bytes.writeUInt16LE(layout.version, 12);
  bytes[14] = layout.strings[3] === undefined ? 0 : 3;
  bytes[15] = layout.strings[2] === undefined ? 0 : 2;
  bytes[17] = 1;
  return bytes;
}

/** The configuration with all its interfaces and endpoints, USB 2.0 tables 9-10 to 9-13. */
export function encodeConfiguration(layout: DeviceLayout): Buffer {
  const body = Buffer.concat(layout.interfaces.map(encodeInterface));
  const head = Buffer.from([9, DESCRIPTOR.configuration, 0, 0, layout.interfaces.length, 1, 1, 0xc0, 250]);
  head.writeUInt16LE(head.length + body.length, 2);
  return Buffer.concat([head, body]);
}

/** String 0 lists the languages; undefined if there is no such string. */
export function encodeString(layout: DeviceLayout, index: number): Buffer | undefined {
  if (index === 0) {
    return Buffer.from([4, DESCRIPTOR.string, LANGUAGE_ENGLISH_US & 0xff, LANGUAGE_ENGLISH_US >> 8]);
  }
  const text = layout.strings[index];
  if (text === undefined) return undefined;
  const units = Buffer.from(text, 'utf16le');
  return Buffer.concat([Buffer.from([2 + units.length, DESCRIPTOR.string]), units]);
}

/** The device at its other speed, USB 2.0 table 9-9. */
export function encodeDeviceQualifier(layout: DeviceLayout): Buffer {
  const { deviceClass, subclass, protocol } = layout;
  return Buffer.from([10, DESCRIPTOR.device_qualifier, 0, 2, deviceClass, subclass, protocol, 64, 1, 0]);
}

function encodeInterface(each: UsbInterface): Buffer {
  const { number, interfaceClass, subclass, protocol, alternate } = each;
  const encode = (alt: number, endpoints: readonly Endpoint[], extra: Buffer) =>
    Buffer.concat([
      Buffer.from([9, 4, number, alt, endpoints.length, interfaceClass, subclass, protocol, 0]),
      extra,
      ...endpoints.map(({ address, type, maxPacketSize, interval }) =>
        Buffer.from([7, 5, address, type, maxPacketSize & 0xff, maxPacketSize >> 8, interval]),
      ),
    ]);
  const none = Buffer.alloc(0);
  const first = encode(0, each.endpoints, each.extra ?? none);
  return alternate === undefined ? first : Buffer.concat([first, encode(1, alternate, none)]);
}
