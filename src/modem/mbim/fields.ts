import { u32, u64 } from '../little-endian.ts';

/**
 * One field of an information buffer (MBIM 1.0 §10.3): a number; 64 bits; bytes in place; a string or a list in the
 * data that follows, which an offset and a length, or a count and an offset, stand for.
 */
export type Field =
  | number
  | bigint
  | string
  | { readonly inline: Buffer }
  /** Offset and length of each element, after their count. */
  | { readonly structs: readonly Buffer[] }
  /** A count, then the offset of elements of one size, or 0. */
  | { readonly array: readonly Buffer[] }
  /** The offset of bytes, or 0. */
  | { readonly reference: Buffer | undefined };

/** Bytes of a buffer with these fields; what the fields refer to follows them, each at a multiple of four. */
export function encodeFields(fields: readonly Field[]): Buffer {
  const size = fields.reduce<number>((sum, field) => sum + measure(field), 0);
  const head: Buffer[] = [];
  const data: Buffer[] = [];
  let end = size;
  const put = (bytes: Buffer): number => {
    const at = end;
    const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
    bytes.copy(padded);
    data.push(padded);
    end += padded.length;
    return at;
  };
  const offset = (bytes: Buffer) => (bytes.length === 0 ? 0 : put(bytes));
  for (const field of fields) {
    if (typeof field === 'number') head.push(u32(field));
    else if (typeof field === 'bigint') head.push(u64(field));
    else if (typeof field === 'string') {
      const text = Buffer.from(field, 'utf16le');
      head.push(u32(offset(text)), u32(text.length));
    } else if ('inline' in field) head.push(field.inline);
    else if ('structs' in field) {
      head.push(u32(field.structs.length));
      for (const each of field.structs) head.push(u32(offset(each)), u32(each.length));
    } else if ('array' in field) head.push(u32(field.array.length), u32(offset(Buffer.concat(field.array))));
    else head.push(u32(field.reference === undefined ? 0 : put(field.reference)));
  }
  return Buffer.concat([...head, ...data]);
}

/** A number of the buffer; undefined if it is shorter. */
export function readNumber(buffer: Buffer, at: number): number | undefined {
  return at + 4 <= buffer.length ? buffer.readUInt32LE(at) : undefined;
}

/** The string that offset and length at `at` stand for; empty if there is none, undefined if it is not all there. */
export function readText(buffer: Buffer, at: number): string | undefined {
  const [start, length] = [readNumber(buffer, at), readNumber(buffer, at + 4)];
  if (start === undefined || length === undefined || start + length > buffer.length) return undefined;
  return buffer.toString('utf16le', start, start + length);
}

function measure(field: Field): number {
  if (typeof field === 'number') return 4;
  if (typeof field === 'bigint' || typeof field === 'string') return 8;
  if ('inline' in field) return field.inline.length;
  if ('structs' in field) return 4 + 8 * field.structs.length;
  return 'array' in field ? 8 : 4;
}
