/**
 * Network transfer blocks of 16 bits (NCM 1.0 chapter 3, with MBIM's signatures, MBIM 1.0 §7): IP packets of session 0,
 * many of them in one transfer.
 */
const HEADER_SIGNATURE = 0x484d_434e;
/** `IPS` and the session's number. */
const SESSION_0 = 0x0053_5049;
const HEADER = 12;
const POINTER_TABLE = 16;
const MAX_TABLES = 32;

/** What a host may send and expect, for GET_NTB_PARAMETERS (NCM 1.0 table 6-3). */
export const NTB_PARAMETERS = encodeParameters();

/** The IP packets of a block, in order; undefined for what is not a block. Packets of other sessions are left out. */
export function parseNtb(block: Buffer): Buffer[] | undefined {
  if (block.length < HEADER || block.readUInt32LE(0) !== HEADER_SIGNATURE) return undefined;
  if (block.readUInt16LE(4) !== HEADER) return undefined;
  const packets: Buffer[] = [];
  let table = block.readUInt16LE(10);
  for (let seen = 0; table !== 0 && seen < MAX_TABLES; seen += 1) {
    if (table + 8 > block.length) return undefined;
    const length = block.readUInt16LE(table + 4);
    if (table + length > block.length) return undefined;
    const isOurs = block.readUInt32LE(table) === SESSION_0;
    for (let at = table + 8; at + 4 <= table + length; at += 4) {
      const [start, size] = [block.readUInt16LE(at), block.readUInt16LE(at + 2)];
      if (start === 0 || size === 0) break;
      if (start + size > block.length) return undefined;
      if (isOurs) packets.push(block.subarray(start, start + size));
    }
    table = block.readUInt16LE(table + 6);
  }
  return packets;
}

/** A block with one packet, which begins at a multiple of four. */
export function encodeNtb(packet: Buffer, sequence: number): Buffer {
  const start = HEADER + POINTER_TABLE;
  const head = Buffer.alloc(start);
  head.writeUInt32LE(HEADER_SIGNATURE, 0);
  head.writeUInt16LE(HEADER, 4);
  head.writeUInt16LE(sequence & 0xffff, 6);
  head.writeUInt16LE(start + packet.length, 8);
  head.writeUInt16LE(HEADER, 10);
  head.writeUInt32LE(SESSION_0, HEADER);
  head.writeUInt16LE(POINTER_TABLE, HEADER + 4);
  head.writeUInt16LE(start, HEADER + 8);
  head.writeUInt16LE(packet.length, HEADER + 10);
  return Buffer.concat([head, packet]);
}

/** Blocks of 16 bits alone, 16 KiB each way, everything at multiples of four, any number of packets. */
function encodeParameters(): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(bytes.length, 0);
  bytes.writeUInt16LE(1, 2);
  for (const at of [4, 16]) {
    bytes.writeUInt32LE(16_384, at);
    bytes.writeUInt16LE(4, at + 4);
    bytes.writeUInt16LE(0, at + 6);
    bytes.writeUInt16LE(4, at + 8);
  }
  return bytes;
}
