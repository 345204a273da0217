import { BugError, InputError } from '../../core/errors.ts';
import { crc32, crc64 } from '../crc.ts';
import type { ReadBytes } from '../tree-reader.ts';
import { readXzIndex, type XzPlace } from './xz-index.ts';
import { encodeInteger } from './xz-integer.ts';

/**
 * Blocks of an .xz that hold their bytes as they are, so that other bytes of the same number can be put in their place:
 * content and Check change, and no size. Pure, without Node: the catalogue's page does it in a browser. Section numbers
 * are those of "The .xz File Format", version 1.2.1; LZMA2's bytes are those of its decoder in xz
 * (src/liblzma/lzma/lzma2_decoder.c).
 */

/** A stored Block of an .xz, and what it holds. */
export interface StoredBlock {
  /** Where its content begins in the .xz. The Check follows the content, one byte and the Block Padding later. */
  readonly offsetBytes: number;
  readonly content: Uint8Array;
  readonly checkId: number;
  /** Where the content lies in the decompressed image. */
  readonly imageOffsetBytes: number;
}

/** Bytes to write at an offset of a file. */
export interface Patch {
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

/** The most that one LZMA2 chunk stores. */
export const MAX_STORED_BYTES = 65_536;
/** Control byte 1: an uncompressed chunk that resets the dictionary; then the size less one, in two bytes. */
const CHUNK_HEADER_BYTES = 3;
/** An image of wwanpi has one stored Block; a crafted one shall not keep us reading. */
const MAX_TRIED = 100;
const CHECK_CRC32 = 1;
const CHECK_CRC64 = 4;
/** §5.3.1: LZMA2 with a dictionary of 64 KiB, which is as large as the largest chunk. */
const LZMA2_FILTER = [0x21, 0x01, 0x08];
/** §3.1.2: one filter, and both sizes are in the header. */
const BLOCK_FLAGS = 0xc0;

/**
 * Stores bytes in a Block with CRC64.
 * @param content 1 to `MAX_STORED_BYTES` bytes
 */
export function encodeStoredBlock(content: Uint8Array): {
  readonly bytes: Uint8Array;
  readonly unpaddedBytes: number;
  readonly uncompressedBytes: number;
} {
  const header = encodeHeader(content.length);
  const body = encodeBody(content, CHECK_CRC64);
  const padding = getPadding(content.length);
  return {
    bytes: Uint8Array.from([...header, ...encodeChunkHeader(content.length), ...body]),
    unpaddedBytes: header.length + CHUNK_HEADER_BYTES + body.length - padding,
    uncompressedBytes: content.length,
  };
}

/**
 * Finds the first stored Block that `isWanted` accepts.
 * @param read reads a range of the .xz: its two ends, and Blocks of up to 64 KiB
 * @returns undefined if there is none
 * @throws InputError as `readXzIndex` does, and when the Block's Check differs from its content
 */
export async function findStoredBlock(
  sizeBytes: number,
  read: ReadBytes,
  isWanted: (content: Uint8Array) => boolean,
): Promise<StoredBlock | undefined> {
  const { checkId, blocks } = await readXzIndex(sizeBytes, read);
  if (checkId !== CHECK_CRC64 && checkId !== CHECK_CRC32) return undefined;
  const stored = blocks.filter((each) => hasStoredSize(each, checkId));
  for (const place of stored.slice(0, MAX_TRIED)) {
    const bytes = await read(place.offsetBytes, place.unpaddedBytes + getPadding(place.imageBytes));
    const block = decodeStoredBlock(bytes, place, checkId);
    if (block !== undefined && isWanted(block.content)) return block;
  }
  return undefined;
}

/**
 * The bytes that give a stored Block other content. They are one piece, so that one write changes content and Check
 * together.
 * @param content as many bytes as before
 */
export function patchStoredBlock(block: StoredBlock, content: Uint8Array): Patch {
  if (content.length !== block.content.length) throw new BugError('a stored Block keeps its size');
  return { offsetBytes: block.offsetBytes, bytes: encodeBody(content, block.checkId) };
}

/** Content, end marker, Block Padding, Check: what follows the chunk's header. */
function encodeBody(content: Uint8Array, checkId: number): Uint8Array {
  const check = encodeCheck(content, checkId);
  const body = new Uint8Array(content.length + 1 + getPadding(content.length) + check.length);
  body.set(content);
  body.set(check, body.length - check.length);
  return body;
}

function encodeHeader(contentBytes: number): Uint8Array {
  const fields = [
    ...[0, BLOCK_FLAGS],
    ...encodeInteger(CHUNK_HEADER_BYTES + contentBytes + 1),
    ...encodeInteger(contentBytes),
    ...LZMA2_FILTER,
  ];
  while (fields.length % 4 !== 0) fields.push(0);
  // §3.1.1: the size with its CRC32, in units of four bytes, less one.
  fields[0] = fields.length / 4;
  const header = new Uint8Array(fields.length + 4);
  header.set(fields);
  new DataView(header.buffer).setUint32(fields.length, crc32(header.subarray(0, fields.length)), true);
  return header;
}

function encodeChunkHeader(contentBytes: number): Uint8Array {
  if (contentBytes < 1 || contentBytes > MAX_STORED_BYTES) throw new BugError('too much for one LZMA2 chunk');
  return Uint8Array.of(0x01, (contentBytes - 1) >> 8, (contentBytes - 1) & 0xff);
}

function encodeCheck(content: Uint8Array, checkId: number): Uint8Array {
  const check = new Uint8Array(checkId === CHECK_CRC64 ? 8 : 4);
  const view = new DataView(check.buffer);
  if (checkId === CHECK_CRC64) {
    const { low, high } = crc64(content);
    view.setUint32(0, low, true);
    view.setUint32(4, high, true);
  } else view.setUint32(0, crc32(content), true);
  return check;
}

/** Whether the record of a Block in the Index has the sizes of a stored one. */
function hasStoredSize({ unpaddedBytes, imageBytes }: XzPlace, checkId: number): boolean {
  if (imageBytes < 1 || imageBytes > MAX_STORED_BYTES) return false;
  const checkBytes = checkId === CHECK_CRC64 ? 8 : 4;
  const headerBytes = encodeHeader(imageBytes).length;
  return unpaddedBytes === headerBytes + CHUNK_HEADER_BYTES + imageBytes + 1 + checkBytes;
}

function decodeStoredBlock(bytes: Uint8Array, place: XzPlace, checkId: number): StoredBlock | undefined {
  const header = encodeHeader(place.imageBytes);
  const start = [...header, ...encodeChunkHeader(place.imageBytes)];
  if (!start.every((byte, index) => bytes[index] === byte)) return undefined;
  const content = bytes.slice(start.length, start.length + place.imageBytes);
  const body = encodeBody(content, checkId);
  if (!body.every((byte, index) => bytes[start.length + index] === byte)) {
    throw new InputError('the .xz is damaged: the Block with the settings has another check', {
      hint: 'fetch or build it again',
    });
  }
  return {
    offsetBytes: place.offsetBytes + start.length,
    content,
    checkId,
    imageOffsetBytes: place.imageOffsetBytes,
  };
}

/** §3.3: the Block Header has a multiple of four bytes already. */
function getPadding(contentBytes: number): number {
  return (4 - ((CHUNK_HEADER_BYTES + contentBytes + 1) % 4)) % 4;
}
