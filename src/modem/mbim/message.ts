import { u32 } from '../little-endian.ts';

/**
 * Messages of MBIM 1.0 (USB-IF, "Mobile Broadband Interface Model", errata 1; chapter 9): a header, for commands the
 * numbers of a fragment, a service and a command, and an information buffer. All integers little endian.
 */

/** The types of messages (table 9-3). */
const MESSAGE_TYPE = {
  open: 1,
  close: 2,
  command: 3,
  hostError: 4,
  openDone: 0x8000_0001,
  closeDone: 0x8000_0002,
  commandDone: 0x8000_0003,
  functionError: 0x8000_0004,
  indicate: 0x8000_0007,
} as const;

/** MBIM_ERROR of a function error message (table 9-8). */
export const MBIM_ERROR = { fragmentOutOfSequence: 2, lengthMismatch: 3, notOpened: 5, unknown: 6 } as const;

/** A message from the host. */
export type MbimRequest =
  | { readonly kind: 'open' | 'close' | 'error'; readonly transaction: number }
  | MbimCommand;

/** A command, its fragments joined. */
export interface MbimCommand {
  readonly kind: 'command';
  readonly transaction: number;
  /** The service's UUID, 32 hex digits. */
  readonly service: string;
  readonly command: number;
  readonly isSet: boolean;
  readonly buffer: Buffer;
}

/** What one transfer holds: a message, a fragment that is not the last, or an error to answer with. */
export type MbimPart =
  | MbimRequest
  | 'more'
  | { readonly kind: 'bad'; readonly transaction: number; readonly error: number };

const HEADER = 12;
const FRAGMENT = 8;
const COMMAND = 28;
/** The limit on a command of many fragments. */
const MAX_COMMAND = 65_536;

/** Reads transfers one after the other; a command may come in fragments (§9.2). */
export function createMbimReader(): (bytes: Buffer) => MbimPart {
  let joined = Buffer.alloc(0);
  let expected = 0;
  return (bytes) => {
    if (bytes.length < HEADER) return { kind: 'bad', transaction: 0, error: MBIM_ERROR.lengthMismatch };
    const [type, transaction] = [bytes.readUInt32LE(0), bytes.readUInt32LE(8)];
    const bad = (error: number): MbimPart => {
      joined = Buffer.alloc(0);
      expected = 0;
      return { kind: 'bad', transaction, error };
    };
    if (bytes.readUInt32LE(4) !== bytes.length) return bad(MBIM_ERROR.lengthMismatch);
    if (type === MESSAGE_TYPE.open) return { kind: 'open', transaction };
    if (type === MESSAGE_TYPE.close) return { kind: 'close', transaction };
    if (type === MESSAGE_TYPE.hostError) return { kind: 'error', transaction };
    if (type !== MESSAGE_TYPE.command) return bad(MBIM_ERROR.unknown);
    if (bytes.length < HEADER + FRAGMENT) return bad(MBIM_ERROR.lengthMismatch);
    const [total, current] = [bytes.readUInt32LE(HEADER), bytes.readUInt32LE(HEADER + 4)];
    if (current === 0) {
      joined = Buffer.alloc(0);
      expected = 0;
    }
    if (current !== expected || joined.length > MAX_COMMAND) return bad(MBIM_ERROR.fragmentOutOfSequence);
    joined = Buffer.concat([joined, bytes.subarray(HEADER + FRAGMENT)]);
    expected += 1;
    if (expected < total) return 'more';
    expected = 0;
    if (joined.length < COMMAND || joined.readUInt32LE(24) !== joined.length - COMMAND)
      return bad(MBIM_ERROR.lengthMismatch);
    return {
      kind: 'command',
      transaction,
      service: joined.toString('hex', 0, 16),
      command: joined.readUInt32LE(16),
      isSet: joined.readUInt32LE(20) === 1,
      buffer: joined.subarray(COMMAND),
    };
  };
}

/** An answer of a status alone: to open, to close, or a function error. */
export function encodeStatus(
  type: 'openDone' | 'closeDone' | 'functionError',
  transaction: number,
  status: number,
): Buffer {
  return encode(MESSAGE_TYPE[type], transaction, u32(status));
}

/** The answer to a command. */
export function encodeCommandDone(
  { transaction, service, command }: MbimCommand,
  status: number,
  buffer: Buffer,
): Buffer {
  const head = Buffer.concat([Buffer.from(service, 'hex'), u32(command), u32(status), u32(buffer.length)]);
  return encode(MESSAGE_TYPE.commandDone, transaction, u32(1), u32(0), head, buffer);
}

/** News that the host did not ask for. */
export function encodeIndication(service: string, command: number, buffer: Buffer): Buffer {
  const head = Buffer.concat([Buffer.from(service, 'hex'), u32(command), u32(buffer.length)]);
  return encode(MESSAGE_TYPE.indicate, 0, u32(1), u32(0), head, buffer);
}

/** Splits the stream of a pty or a socket into messages by their lengths; nonsense empties it. */
export function createMbimSplitter(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER) {
      const length = rest.readUInt32LE(4);
      if (length < HEADER || length > MAX_COMMAND) {
        rest = Buffer.alloc(0);
        return;
      }
      if (rest.length < length) return;
      onMessage(Buffer.from(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
  };
}

function encode(type: number, transaction: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(type), u32(HEADER + body.length), u32(transaction), body]);
}
