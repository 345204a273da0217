import { InputError } from '../../core/errors.ts';
import { crc32 } from '../crc.ts';
import type { ReadBytes } from '../tree-reader.ts';
import { decodeInteger } from './xz-integer.ts';

/**
 * Reads where the Blocks of an .xz lie, from its end. Pure, without Node: the catalogue's page does it in a browser.
 * Section numbers are those of "The .xz File Format", version 1.2.1.
 */

/** The Blocks of an .xz with one Stream. */
export interface XzIndex {
  /** The Check after each Block (§3.4): 0 none, 1 CRC32, 4 CRC64, 10 SHA-256. */
  readonly checkId: number;
  readonly blocks: readonly XzPlace[];
}

/** Where a Block lies in the .xz, and what of the image it holds. */
export interface XzPlace {
  readonly offsetBytes: number;
  /** Without Block Padding (§4.3.1). */
  readonly unpaddedBytes: number;
  readonly imageOffsetBytes: number;
  readonly imageBytes: number;
}

/** Of the Stream Header (§2.1.1). */
export const HEADER_BYTES = 12;
/** Of the Stream Footer (§2.1.2). */
export const FOOTER_BYTES = 12;
/** The first bytes of every .xz (§2.1.1.1). */
export const HEADER_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
/** An image of a terabyte in Blocks of 8 MiB has less; what a crafted index can make us hold is bounded. */
const MAX_INDEX_BYTES = 1024 * 1024;

/** Whether a file begins like an .xz. */
export function isXz(head: Uint8Array): boolean {
  return HEADER_MAGIC.every((byte, index) => head[index] === byte);
}

/**
 * Reads Stream Footer and Index.
 * @param read reads a range of the .xz
 * @throws InputError when the file is no .xz, is damaged at its end or cut short, or has several Streams
 */
export async function readXzIndex(sizeBytes: number, read: ReadBytes): Promise<XzIndex> {
  const damaged = (why: string) =>
    new InputError(`the .xz is damaged or cut short: ${why}`, { hint: 'fetch or build it again' });
  if (sizeBytes < HEADER_BYTES + FOOTER_BYTES) throw damaged(`it has only ${sizeBytes} bytes`);
  const header = await read(0, HEADER_BYTES);
  if (!isXz(header)) throw new InputError('it does not begin like an .xz');
  const footer = await read(sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const view = new DataView(footer.buffer, footer.byteOffset, footer.length);
  if (footer[10] !== 0x59 || footer[11] !== 0x5a || view.getUint32(0, true) !== crc32(footer.subarray(4, 10)))
    throw damaged('it does not end in a Stream Footer');
  if (footer[8] !== header[6] || footer[9] !== header[7]) throw damaged('its header and footer differ');
  const indexBytes = (view.getUint32(4, true) + 1) * 4;
  const indexAt = sizeBytes - FOOTER_BYTES - indexBytes;
  if (indexAt < HEADER_BYTES || indexBytes > MAX_INDEX_BYTES) throw damaged('its Index has no place');
  const index = await read(indexAt, indexBytes);
  const indexView = new DataView(index.buffer, index.byteOffset, index.length);
  const list = index.subarray(0, indexBytes - 4);
  if (index[0] !== 0 || indexView.getUint32(indexBytes - 4, true) !== crc32(list))
    throw damaged('its Index has another CRC32');
  const blocks = parseRecords(list);
  const last = blocks.at(-1);
  const end = last === undefined ? HEADER_BYTES : last.offsetBytes + roundUp(last.unpaddedBytes);
  if (end !== indexAt) throw new InputError('the .xz is made of several Streams, so it is not one of wwanpi');
  return { checkId: (footer[9] ?? 0) & 0x0f, blocks };
}

function parseRecords(list: Uint8Array): XzPlace[] {
  const blocks: XzPlace[] = [];
  let [count, at] = decodeInteger(list, 1);
  let offsetBytes = HEADER_BYTES;
  let imageOffsetBytes = 0;
  for (; count > 0; count -= 1) {
    const [unpaddedBytes, afterUnpadded] = decodeInteger(list, at);
    const [imageBytes, next] = decodeInteger(list, afterUnpadded);
    blocks.push({ offsetBytes, unpaddedBytes, imageOffsetBytes, imageBytes });
    offsetBytes += roundUp(unpaddedBytes);
    imageOffsetBytes += imageBytes;
    at = next;
  }
  return blocks;
}

/** To the four bytes that every part of an .xz is aligned to. */
export function roundUp(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
