import { createDecoder, encodeMessage, type Message } from '../../src/modem/usbredir/codec.ts';
import { encodeHello } from '../../src/modem/usbredir/packets.ts';
import { MESSAGE } from '../../src/modem/usbredir/protocol.ts';

/** QEMU's side of a usbredir connection, for tests: asks, and collects what comes back. */
export interface Peer {
  /** Everything received, oldest first. */
  readonly messages: Message[];
  /** Bytes from the device's side. */
  receive(bytes: Buffer): void;
  hello(): void;
  ask(type: number, id: bigint, payload: Buffer): void;
  /** A control transfer; answers with status and data once the answer is there. */
  control(setup: ControlSetup, data?: Buffer): { status: number; data: Buffer };
  /** Asks for one bulk IN transfer and answers with its id. */
  bulkIn(endpoint: number, length: number): bigint;
  bulkOut(endpoint: number, data: Buffer): bigint;
  /** The answers to bulk transfers so far, by id. */
  bulkAnswer(id: bigint): { status: number; data: Buffer } | undefined;
  types(): number[];
}

export interface ControlSetup {
  readonly requestType: number;
  readonly request: number;
  readonly value?: number;
  readonly index?: number;
  readonly length?: number;
}

/** QEMU 7.2 announces every capability there is. */
export const QEMU_CAPS = 0xff;

const OURS = 0x72;

export function createPeer(send: (bytes: Buffer) => void): Peer {
  const decoder = createDecoder();
  const messages: Message[] = [];
  let nextId = 1n;
  const peer: Peer = {
    messages,
    receive(bytes) {
      decoder.push(bytes, (message) => {
        if (message.type === MESSAGE.hello) decoder.caps = OURS;
        messages.push({ ...message, payload: Buffer.from(message.payload) });
      });
    },
    hello() {
      send(
        encodeMessage(
          { type: MESSAGE.hello, id: 0n, payload: encodeHello('qemu test', QEMU_CAPS) },
          undefined,
        ),
      );
    },
    ask(type, id, payload) {
      send(encodeMessage({ type, id, payload }, OURS));
    },
    control(setup, data = Buffer.alloc(0)) {
      const id = nextId++;
      const header = Buffer.alloc(10);
      header[0] = setup.requestType & 0x80;
      header[1] = setup.request;
      header[2] = setup.requestType;
      header.writeUInt16LE(setup.value ?? 0, 4);
      header.writeUInt16LE(setup.index ?? 0, 6);
      header.writeUInt16LE(setup.length ?? data.length, 8);
      peer.ask(MESSAGE.control_packet, id, Buffer.concat([header, data]));
      const answer = messages.find((message) => message.type === MESSAGE.control_packet && message.id === id);
      if (answer === undefined) throw new Error('no answer to a control transfer');
      return { status: answer.payload.readUInt8(3), data: answer.payload.subarray(10) };
    },
    bulkIn(endpoint, length) {
      const id = nextId++;
      peer.ask(MESSAGE.bulk_packet, id, bulkHeader(endpoint, length));
      return id;
    },
    bulkOut(endpoint, data) {
      const id = nextId++;
      peer.ask(MESSAGE.bulk_packet, id, Buffer.concat([bulkHeader(endpoint, data.length), data]));
      return id;
    },
    bulkAnswer(id) {
      const answer = messages.find((message) => message.type === MESSAGE.bulk_packet && message.id === id);
      return answer && { status: answer.payload.readUInt8(1), data: answer.payload.subarray(10) };
    },
    types: () => messages.map((message) => message.type),
  };
  return peer;
}

function bulkHeader(endpoint: number, length: number): Buffer {
  const header = Buffer.alloc(10);
  header[0] = endpoint;
  header.writeUInt16LE(length & 0xffff, 2);
  header.writeUInt16LE(length >>> 16, 8);
  return header;
}
