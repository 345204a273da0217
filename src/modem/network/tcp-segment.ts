import { type Ipv4, transportChecksum } from './ethernet.ts';

/** A TCP segment (RFC 9293 §3.1); of its options the maximum segment size alone. Numbers are unsigned, modulo 2³². */
export interface Segment {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly window: number;
  readonly data: Buffer;
  /** Of a SYN: the most that its sender takes in one segment (RFC 9293 §3.7.1). */
  readonly maxSegment?: number | undefined;
}

/** Control bits. */
export const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

const HEADER = 20;
const OPTION = { end: 0, nothing: 1, maxSegment: 2 } as const;

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
    maxSegment: findMaxSegment(bytes.subarray(HEADER, header)),
  };
}

/** The option of kind 2, if it is there. */
function findMaxSegment(options: Buffer): number | undefined {
  for (let at = 0; at < options.length; ) {
    const kind = options.readUInt8(at);
    const length = kind === OPTION.nothing ? 1 : (options[at + 1] ?? 0);
    if (kind === OPTION.end || length < 1 || at + length > options.length) return undefined;
    if (kind === OPTION.maxSegment && length === 4) return options.readUInt16BE(at + 2);
    at += length;
  }
  return undefined;
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
