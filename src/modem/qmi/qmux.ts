import { u8, u16 } from '../little-endian.ts';

/**
 * QMUX, the framing of QMI: `01`, length, flags, service, client, then the service's own message with its
 * TLVs. All integers little endian.
 */

/** Service numbers. */
export const SERVICE = {
  CTL: 0,
  WDS: 1,
  DMS: 2,
  NAS: 3,
  QOS: 4,
  WMS: 5,
  PDS: 6,
  UIM: 0x0b,
  WDA: 0x1a,
} as const;

/** A message from the host. */
export interface QmiRequest {
  readonly service: number;
  readonly client: number;
  readonly transaction: number;
  readonly message: number;
  readonly tlvs: ReadonlyMap<number, Buffer>;
}

/** One value of a message. */
export type Tlv = readonly [type: number, value: Buffer];

/** A message for the host. */
export interface QmiReply {
  readonly service: number;
  readonly client: number;
  readonly transaction: number;
  readonly message: number;
  readonly kind: 'response' | 'indication';
  readonly tlvs: readonly Tlv[];
}

const MARKER = 1;
const QMUX_HEADER = 6;
const FROM_MODEM = 0x80;

/** A request, or why the bytes are not one. */
export function parseQmux(frame: Buffer): QmiRequest | string {
  if (frame.length < QMUX_HEADER || frame[0] !== MARKER) return 'no QMUX header';
  if (frame.readUInt16LE(1) !== frame.length - 1) return 'length does not fit';
  const service = frame.readUInt8(4);
  const control = service === SERVICE.CTL;
  const header = QMUX_HEADER + (control ? 6 : 7);
  if (frame.length < header) return 'no message header';
  if (frame.readUInt8(QMUX_HEADER) !== 0) return 'not a request';
  if (frame.readUInt16LE(header - 2) !== frame.length - header) return 'TLV length does not fit';
  const tlvs = new Map<number, Buffer>();
  for (let at = header; at < frame.length; ) {
    if (at + 3 > frame.length) return 'TLV cut short';
    const end = at + 3 + frame.readUInt16LE(at + 1);
    if (end > frame.length) return 'TLV cut short';
    tlvs.set(frame.readUInt8(at), frame.subarray(at + 3, end));
    at = end;
  }
  return {
    service,
    client: frame.readUInt8(5),
    transaction: control ? frame.readUInt8(QMUX_HEADER + 1) : frame.readUInt16LE(QMUX_HEADER + 1),
    message: frame.readUInt16LE(header - 4),
    tlvs,
  };
}

/** The bytes of a response or an indication. */
export function encodeQmux(reply: QmiReply): Buffer {
  const control = reply.service === SERVICE.CTL;
  const body = Buffer.concat(
    reply.tlvs.map(([type, value]) => Buffer.concat([Buffer.from([type]), u16(value.length), value])),
  );
  const flags = reply.kind === 'response' ? (control ? 1 : 2) : control ? 2 : 4;
  const transaction = control ? Buffer.from([reply.transaction & 0xff]) : u16(reply.transaction);
  const message = Buffer.concat([
    Buffer.from([flags]),
    transaction,
    u16(reply.message),
    u16(body.length),
    body,
  ]);
  const head = Buffer.from([MARKER, 0, 0, FROM_MODEM, reply.service, reply.client]);
  head.writeUInt16LE(head.length - 1 + message.length, 1);
  return Buffer.concat([head, message]);
}

/**
 * Splits the stream of a pty or a socket into frames. Bytes that cannot begin a frame are skipped
 * up to the next marker; at most one frame (64 KiB) is held.
 */
export function createQmuxSplitter(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const start = rest.indexOf(MARKER);
      rest = start < 0 ? Buffer.alloc(0) : rest.subarray(start);
      if (rest.length < 3) break;
      const length = rest.readUInt16LE(1) + 1;
      if (length < QMUX_HEADER) {
        rest = rest.subarray(1);
        continue;
      }
      if (rest.length < length) break;
      onFrame(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    rest = Buffer.from(rest);
  };
}

/** An IPv4 address in QMI: a little-endian number, so its bytes are reversed. */
export function address(dotted: string): Buffer {
  return Buffer.from(dotted.split('.').map(Number)).reverse();
}

/** A string inside a sequence: its length, then its bytes. */
export function text8(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8').subarray(0, 255);
  return Buffer.concat([u8(bytes.length), bytes]);
}
