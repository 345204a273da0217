import { crc32 } from 'node:zlib';
import { InputError } from '../../core/errors.ts';
import { FOOTER_BYTES, HEADER_BYTES, HEADER_MAGIC, roundUp } from './xz-index.ts';
import { decodeInteger, encodeInteger } from './xz-integer.ts';

/**
 * Assembles an .xz file from Blocks that were compressed separately: one Stream, many Blocks. Section numbers are
 * those of "The .xz File Format", version 1.2.1.
 */

/** One Block of a Stream, and its record in the Index (§4.3). */
export interface XzBlock {
  /** Block Header, compressed data, Block Padding and Check; a multiple of four bytes. */
  readonly bytes: Buffer;
  /** Without Block Padding (§4.3.1). */
  readonly unpaddedBytes: number;
  readonly uncompressedBytes: number;
}

/** §2.1.2.3 */
const FOOTER_MAGIC = Buffer.from('YZ');
/** §2.1.1.2: the Check is CRC64, xz's default. */
const STREAM_FLAGS = Buffer.from([0x00, 0x04]);
const CHECK_BYTES = 8;
/** §3.1.1: without its CRC32. */
const MAX_HEADER_BYTES = 1020;
/** §3.1.2: bits of the Block Flags. */
const HAS_COMPRESSED_SIZE = 0x40;
const HAS_UNCOMPRESSED_SIZE = 0x80;

/** The Stream Header (§2.1.1), which comes before the first Block. */
export function encodeXzHeader(): Buffer {
  return Buffer.concat([Buffer.from(HEADER_MAGIC), STREAM_FLAGS, u32(crc32(STREAM_FLAGS))]);
}

/** Index (§4) and Stream Footer (§2.1.2), which come after the last Block. */
export function encodeXzIndex(
  blocks: readonly Pick<XzBlock, 'unpaddedBytes' | 'uncompressedBytes'>[],
): Buffer {
  const records = blocks.flatMap((block) => [
    encodeInteger(block.unpaddedBytes),
    encodeInteger(block.uncompressedBytes),
  ]);
  const list = pad(Buffer.concat([Buffer.from([0]), encodeInteger(blocks.length), ...records]));
  const index = Buffer.concat([list, u32(crc32(list))]);
  const backward = Buffer.concat([u32(index.length / 4 - 1), STREAM_FLAGS]);
  return Buffer.concat([index, u32(crc32(backward)), backward, FOOTER_MAGIC]);
}

/**
 * Cuts the Block out of an encoder's .xz with one Stream and one Block, and puts both sizes into its header (§3.1.3,
 * §3.1.4), so a decoder can work on several Blocks at once.
 * @throws InputError when it is not such a file
 */
export function cutXzBlock(xz: Buffer): XzBlock {
  const damaged = () => new InputError('the output of the xz encoder is not an .xz of one block with CRC64');
  const footer = xz.subarray(-FOOTER_BYTES);
  if (xz.length < HEADER_BYTES + FOOTER_BYTES || !xz.subarray(0, HEADER_BYTES).equals(encodeXzHeader())) {
    throw damaged();
  }
  if (!footer.subarray(10).equals(FOOTER_MAGIC)) throw damaged();
  const indexAt = xz.length - FOOTER_BYTES - (footer.readUInt32LE(4) + 1) * 4;
  if (indexAt < HEADER_BYTES || xz[indexAt] !== 0) throw damaged();
  const [count, afterCount] = decodeInteger(xz, indexAt + 1);
  const [unpadded, afterUnpadded] = decodeInteger(xz, afterCount);
  const [uncompressedBytes] = decodeInteger(xz, afterUnpadded);
  if (count !== 1 || roundUp(unpadded) !== indexAt - HEADER_BYTES) throw damaged();

  const block = xz.subarray(HEADER_BYTES, indexAt);
  const oldBytes = ((block[0] ?? 0) + 1) * 4;
  const compressedBytes = unpadded - oldBytes - CHECK_BYTES;
  if (compressedBytes < 0 || oldBytes > block.length) throw damaged();
  const header = encodeBlockHeader(block.subarray(0, oldBytes), compressedBytes, uncompressedBytes);
  return {
    bytes: Buffer.concat([header, block.subarray(oldBytes)]),
    unpaddedBytes: header.length + compressedBytes + CHECK_BYTES,
    uncompressedBytes,
  };
}

/** A Block Header (§3.1) with the filters of `old` and both sizes. */
function encodeBlockHeader(old: Buffer, compressedBytes: number, uncompressedBytes: number): Buffer {
  const flags = old[1] ?? 0;
  let at = 2;
  if (flags & HAS_COMPRESSED_SIZE) [, at] = decodeInteger(old, at);
  if (flags & HAS_UNCOMPRESSED_SIZE) [, at] = decodeInteger(old, at);
  let end = at;
  // §3.1.5: each filter is its ID, the size of its properties, and the properties.
  for (let filter = 0; filter <= (flags & 3); filter += 1) {
    const [, afterId] = decodeInteger(old, end);
    const [propertiesBytes, afterSize] = decodeInteger(old, afterId);
    end = afterSize + propertiesBytes;
  }
  const header = pad(
    Buffer.concat([
      Buffer.from([0, flags | HAS_COMPRESSED_SIZE | HAS_UNCOMPRESSED_SIZE]),
      encodeInteger(compressedBytes),
      encodeInteger(uncompressedBytes),
      old.subarray(at, end),
    ]),
  );
  if (header.length > MAX_HEADER_BYTES) throw new InputError('the header of the .xz block is too long');
  // §3.1.1: the size with its CRC32, in units of four bytes, less one.
  header[0] = header.length / 4;
  return Buffer.concat([header, u32(crc32(header))]);
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(roundUp(bytes.length) - bytes.length)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
