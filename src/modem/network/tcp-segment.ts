import { type Ipv4, transportChecksum } from './ethernet.ts';

/** A TCP segment without its options (RFC 9293 §3.1). Numbers are unsigned, modulo 2³². */
export interface Segment {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly window: number;
  readonly data: Buffer;
}

/** Control bits. */
export const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

const HEADER = 20;

/** Undefined for anything but a whole segment with a valid checksum. */
export function parseSegment(packet: Ipv4): Segment | undefined {
  const bytes = packet.payload;
  if (bytes.length < HEADER) return undefined;
  const header = (bytes.readUInt8(12) >> 4) * 4;
  if (header < HEADER || header > bytes.length || transportChecksum(packet) !== 0) return undefined;
  return {
    sourcePort: bytes.readUInt16BE(0),
    targetPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgement: bytes.readUInt32BE(8),
    flags: bytes.readUInt8(13),
    window: bytes.readUInt16BE(14),
    data: Buffer.from(bytes.subarray(header)),
  };
}

/** The bytes of a segment between these addresses, with its checksum. */
export function encodeSegment(segment: Segment, ends: Omit<Ipv4, 'payload'>): Buffer {
  const bytes = Buffer.alloc(HEADER + segment.data.length);
  bytes.writeUInt16BE(segment.sourcePort, 0);
  bytes.writeUInt16BE(segment.targetPort, 2);
  bytes.writeUInt32BE(segment.sequence >>> 0, 4);
  bytes.writeUInt32BE(segment.acknowledgement >>> 0, 8);
  bytes[12] = (HEADER / 4) << 4;
  bytes[13] = segment.flags;
  bytes.writeUInt16BE(segment.window, 14);
  segment.data.copy(bytes, HEADER);
  bytes.writeUInt16BE(transportChecksum({ ...ends, payload: bytes }), 16);
  return bytes;
}

/** From one sequence number to a later one, modulo 2³². */
export function distance(from: number, to: number): number {
  return (to - from) >>> 0;
}
