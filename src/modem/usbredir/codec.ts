import { CAP, hasCap, MESSAGE } from './protocol.ts';

/** One message on the wire: its type, the id that links answer and request, and the rest undecoded. */
export interface Message {
  readonly type: number;
  readonly id: bigint;
  readonly payload: Buffer;
}

/** The peer sent something that is not this protocol; the connection cannot go on. */
export class ProtocolError extends Error {}

/** The limit on a payload; bulk transfers of the guest's drivers are much smaller. */
export const MAX_PAYLOAD = 1024 * 1024;

const MAX_HELLO = 4096;
const MAX_CHUNKS = 4096;

/** Splits a stream of bytes into messages; a chunk may end anywhere. */
export interface Decoder {
  /**
   * Takes the next bytes and passes each complete message to `handle`, in order. `handle` may change `caps`.
   * @throws ProtocolError when the stream is not usbredir; nothing more can be read then.
   */
  push(chunk: Buffer, handle: (message: Message) => void): void;
  /** The capabilities of both sides; they decide the width of ids. Undefined until the peer's hello. */
  caps: number | undefined;
}

/** A decoder before the hello. Holds at most one incomplete message. */
export function createDecoder(): Decoder {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = 0;
  const decoder: Decoder = {
    caps: undefined,
    push(chunk, handle) {
      chunks.push(chunk);
      size += chunk.length;
      // Chunks are joined only when a message is complete, so one-byte chunks cost no more than their bytes.
      if (size < wanted && chunks.length < MAX_CHUNKS) return;
      let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      for (;;) {
        const header = headerSize(decoder.caps);
        wanted = header;
        if (bytes.length < header) break;
        const type = bytes.readUInt32LE(0);
        const length = bytes.readUInt32LE(4);
        if (decoder.caps === undefined && type !== MESSAGE.hello) {
          throw new ProtocolError(`message ${type} before hello`);
        }
        if (length > (type === MESSAGE.hello ? MAX_HELLO : MAX_PAYLOAD)) {
          throw new ProtocolError(`message ${type} of ${length} bytes`);
        }
        wanted = header + length;
        if (bytes.length < wanted) break;
        const id = header === 16 ? bytes.readBigUInt64LE(8) : BigInt(bytes.readUInt32LE(8));
        const payload = bytes.subarray(header, wanted);
        bytes = bytes.subarray(wanted);
        handle({ type, id, payload });
      }
      chunks = bytes.length === 0 ? [] : [Buffer.from(bytes)];
      size = bytes.length;
    },
  };
  return decoder;
}

/** A message ready to send; `caps` as in `Decoder`. A hello always has the short id. */
export function encodeMessage(message: Message, caps: number | undefined): Buffer {
  const wide = message.type !== MESSAGE.hello && headerSize(caps) === 16;
  const header = Buffer.alloc(wide ? 16 : 12);
  header.writeUInt32LE(message.type, 0);
  header.writeUInt32LE(message.payload.length, 4);
  if (wide) header.writeBigUInt64LE(message.id, 8);
  else header.writeUInt32LE(Number(message.id & 0xffff_ffffn), 8);
  return Buffer.concat([header, message.payload]);
}

function headerSize(caps: number | undefined): number {
  return caps !== undefined && hasCap(caps, CAP['64bits_ids']) ? 16 : 12;
}
