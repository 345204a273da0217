import { type BehaviourInput, parseBehaviour } from '../../src/modem/behaviour.ts';
import { type Core, createCore } from '../../src/modem/core.ts';
import { DEVICE_MODELS } from '../../src/modem/device-models.ts';
import { createEventLog, type EventLog } from '../../src/modem/events.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** A message from the modem, taken apart by the specification and not by the modem's code. */
export interface MbimMessage {
  readonly type: number;
  readonly transaction: number;
  readonly service: string;
  readonly command: number;
  /** Of open, close, an error or an answer; undefined in an indication. */
  readonly status: number | undefined;
  readonly buffer: Buffer;
}

/** A powered MBIM modem without USB, and a host that speaks MBIM to it. */
export interface MbimHost {
  readonly core: Core;
  readonly clock: ManualClock;
  readonly log: EventLog;
  readonly messages: MbimMessage[];
  open(): number | undefined;
  query(command: number, buffer?: Buffer): MbimMessage;
  set(command: number, buffer: Buffer): MbimMessage;
  /** Sends bytes as they are; the first answer, if there is one by then. */
  send(bytes: Buffer): MbimMessage | undefined;
  indications(command: number): Buffer[];
}

/** Basic Connect, as it stands on the wire. */
export const BASIC_CONNECT = Buffer.from('a289cc33bcbb8b4fb6b0133ec2aae6df', 'hex');

/** Numbers of 32 bits, one after the other. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * at);
  return bytes;
}

/** A command message: one fragment, unless its bytes are changed. */
export function encodeCommand(
  transaction: number,
  command: number,
  isSet: boolean,
  buffer: Buffer,
  service: Buffer = BASIC_CONNECT,
): Buffer {
  const body = Buffer.concat([words(1, 0), service, words(command, isSet ? 1 : 0, buffer.length), buffer]);
  return Buffer.concat([words(3, 12 + body.length, transaction), body]);
}

/** The string whose offset and length stand at `at` of a buffer. */
export function textAt(buffer: Buffer, at: number): string {
  const [start, length] = [buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4)];
  return buffer.toString('utf16le', start, start + length);
}

/** A buffer of words, in which a string stands for its offset and length; its bytes follow all words. */
export function withTexts(...fields: readonly (number | string)[]): Buffer {
  let end = fields.reduce<number>((sum, field) => sum + (typeof field === 'string' ? 8 : 4), 0);
  const head: Buffer[] = [];
  const data: Buffer[] = [];
  for (const field of fields) {
    if (typeof field === 'number') head.push(words(field));
    else {
      const text = Buffer.from(field, 'utf16le');
      const padded = Buffer.alloc((text.length + 3) & ~3);
      text.copy(padded);
      head.push(words(text.length === 0 ? 0 : end, text.length));
      data.push(padded);
      end += padded.length;
    }
  }
  return Buffer.concat([...head, ...data]);
}

export function createMbimHost(behaviour: BehaviourInput = {}): MbimHost {
  const clock = createManualClock();
  const log = createEventLog(clock);
  const core = createCore(parseBehaviour(behaviour), clock, log, DEVICE_MODELS.mbim);
  const messages: MbimMessage[] = [];
  core.outputs.control = (bytes) => messages.push(decode(bytes));
  core.powerUp(0);
  clock.advance(0);
  let transaction = 0;
  function ask(command: number, isSet: boolean, buffer: Buffer): MbimMessage {
    transaction += 1;
    const answer = host.send(encodeCommand(transaction, command, isSet, buffer));
    if (answer === undefined) throw new Error(`no answer to command ${command}`);
    return answer;
  }
  const host: MbimHost = {
    core,
    clock,
    log,
    messages,
    send(bytes) {
      const before = messages.length;
      core.control.input(bytes);
      clock.advance(200);
      return messages.slice(before).find(({ status }) => status !== undefined);
    },
    open() {
      transaction += 1;
      return host.send(words(1, 16, transaction, 4096))?.status;
    },
    query: (command, buffer = Buffer.alloc(0)) => ask(command, false, buffer),
    set: (command, buffer) => ask(command, true, buffer),
    indications: (wanted) =>
      messages
        .filter(({ status, command }) => status === undefined && command === wanted)
        .map(({ buffer }) => buffer),
  };
  return host;
}

/** A message of chapter 9; throws when a length in it does not fit. */
function decode(bytes: Buffer): MbimMessage {
  const [type, length, transaction] = [0, 4, 8].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    number,
  ];
  if (length !== bytes.length) throw new Error('the length does not fit');
  const none = { service: '', command: 0, buffer: Buffer.alloc(0) };
  if (type !== 0x8000_0003 && type !== 0x8000_0007) {
    return { type, transaction, ...none, status: bytes.readUInt32LE(12) };
  }
  if (bytes.readUInt32LE(12) !== 1 || bytes.readUInt32LE(16) !== 0) throw new Error('more than a fragment');
  const isAnswer = type === 0x8000_0003;
  const start = isAnswer ? 48 : 44;
  if (bytes.readUInt32LE(start - 4) !== bytes.length - start) throw new Error('the buffer does not fit');
  return {
    type,
    transaction,
    service: bytes.toString('hex', 20, 36),
    command: bytes.readUInt32LE(36),
    status: isAnswer ? bytes.readUInt32LE(40) : undefined,
    buffer: bytes.subarray(start),
  };
}
