import type { DeviceLayout, Setup } from '../usb/device.ts';
import { ProtocolError } from './codec.ts';
import { CAP, hasCap, SPEED_HIGH } from './protocol.ts';

/** Type-specific parts of messages, from and to bytes. Readers throw ProtocolError on short ones. */

/** Fixed part of control_packet; the same ten bytes open the answer. */
export interface ControlPacket {
  readonly endpoint: number;
  readonly setup: Setup;
  readonly data: Buffer;
}

/** Fixed part of bulk_packet, and its data. */
export interface BulkPacket {
  readonly endpoint: number;
  readonly status: number;
  readonly length: number;
  readonly stream: number;
  readonly data: Buffer;
}

const VERSION_LENGTH = 64;
const NO_ENDPOINT = 255;
const MAX_INTERFACES = 32;

export function encodeHello(version: string, caps: number): Buffer {
  const payload = Buffer.alloc(VERSION_LENGTH + 4);
  payload.write(version.slice(0, VERSION_LENGTH - 1), 0, 'latin1');
  payload.writeUInt32LE(caps, VERSION_LENGTH);
  return payload;
}

/** Older peers send no capabilities at all. */
export function decodeHello(payload: Buffer): { version: string; caps: number } {
  const end = payload.subarray(0, need(payload, VERSION_LENGTH)).indexOf(0);
  return {
    version: payload.toString('latin1', 0, end < 0 ? VERSION_LENGTH : end).replace(/[^ -~]/g, '?'),
    caps: payload.length >= VERSION_LENGTH + 4 ? payload.readUInt32LE(VERSION_LENGTH) : 0,
  };
}

/**
 * ep_info: four tables over the 32 possible endpoints; OUT 0–15, then IN 0–15. Of an interface with two settings, the
 * endpoints of the one that is set.
 */
export function encodeEpInfo(
  layout: DeviceLayout,
  caps: number,
  altSettings: ReadonlyMap<number, number>,
): Buffer {
  const payload = Buffer.alloc(160);
  payload.fill(NO_ENDPOINT, 0, 32);
  const put = (slot: number, type: number, interval: number, number: number, maxPacketSize: number) => {
    payload[slot] = type;
    payload[32 + slot] = interval;
    payload[64 + slot] = number;
    payload.writeUInt16LE(maxPacketSize, 96 + 2 * slot);
  };
  put(0, 0, 0, 0, 64);
  put(16, 0, 0, 0, 64);
  for (const { number, endpoints, alternate } of layout.interfaces) {
    for (const endpoint of altSettings.get(number) === 1 ? (alternate ?? []) : endpoints) {
      const slot = ((endpoint.address & 0x80) >> 3) | (endpoint.address & 0x0f);
      put(slot, endpoint.type, endpoint.interval, number, endpoint.maxPacketSize);
    }
  }
  return hasCap(caps, CAP.ep_info_max_packet_size) ? payload : payload.subarray(0, 96);
}

export function encodeInterfaceInfo(layout: DeviceLayout): Buffer {
  const payload = Buffer.alloc(4 + 4 * MAX_INTERFACES);
  payload.writeUInt32LE(layout.interfaces.length, 0);
  for (const [at, each] of layout.interfaces.entries()) {
    payload[4 + at] = each.number;
    payload[36 + at] = each.interfaceClass;
    payload[68 + at] = each.subclass;
    payload[100 + at] = each.protocol;
  }
  return payload;
}

export function encodeDeviceConnect(layout: DeviceLayout, caps: number): Buffer {
  const payload = Buffer.alloc(10);
  payload[0] = SPEED_HIGH;
  payload[1] = layout.deviceClass;
  payload[2] = layout.subclass;
  payload[3] = layout.protocol;
  payload.writeUInt16LE(layout.vendorId, 4);
  payload.writeUInt16LE(layout.productId, 6);
  payload.writeUInt16LE(layout.version, 8);
  return hasCap(caps, CAP.connect_device_version) ? payload : payload.subarray(0, 8);
}

export function decodeControl(payload: Buffer): ControlPacket {
  need(payload, 10);
  return {
    endpoint: payload.readUInt8(0),
    setup: {
      request: payload.readUInt8(1),
      requestType: payload.readUInt8(2),
      value: payload.readUInt16LE(4),
      index: payload.readUInt16LE(6),
      length: payload.readUInt16LE(8),
    },
    data: payload.subarray(10),
  };
}

/** The answer to a control transfer: the request's ten bytes with the outcome, and the data read. */
export function encodeControl(packet: ControlPacket, status: number, length: number, data: Buffer): Buffer {
  const header = Buffer.alloc(10);
  header[0] = packet.endpoint;
  header[1] = packet.setup.request;
  header[2] = packet.setup.requestType;
  header[3] = status;
  header.writeUInt16LE(packet.setup.value, 4);
  header.writeUInt16LE(packet.setup.index, 6);
  header.writeUInt16LE(length, 8);
  return Buffer.concat([header, data]);
}

export function decodeBulk(payload: Buffer, caps: number): BulkPacket {
  const wide = hasCap(caps, CAP['32bits_bulk_length']);
  need(payload, wide ? 10 : 8);
  return {
    endpoint: payload.readUInt8(0),
    status: payload.readUInt8(1),
    length: payload.readUInt16LE(2) + (wide ? payload.readUInt16LE(8) * 0x1_0000 : 0),
    stream: payload.readUInt32LE(4),
    data: payload.subarray(wide ? 10 : 8),
  };
}

export function encodeBulk(packet: BulkPacket, caps: number): Buffer {
  const header = Buffer.alloc(hasCap(caps, CAP['32bits_bulk_length']) ? 10 : 8);
  header[0] = packet.endpoint;
  header[1] = packet.status;
  header.writeUInt16LE(packet.length & 0xffff, 2);
  header.writeUInt32LE(packet.stream, 4);
  if (header.length === 10) header.writeUInt16LE(packet.length >>> 16, 8);
  return Buffer.concat([header, packet.data]);
}

export function encodeInterrupt(endpoint: number, data: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header[0] = endpoint;
  header.writeUInt16LE(data.length, 2);
  return Buffer.concat([header, data]);
}

/** The byte at an index; throws if the payload is shorter. */
export function byteAt(payload: Buffer, at: number): number {
  return payload.readUInt8(need(payload, at + 1) - 1);
}

function need(payload: Buffer, length: number): number {
  if (payload.length < length) throw new ProtocolError(`${payload.length} bytes where ${length} belong`);
  return length;
}
