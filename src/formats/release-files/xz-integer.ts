import { InputError } from '../../core/errors.ts';

/** Integers of "The .xz File Format" §1.2: seven bits a byte, the lowest first, the top bit set in all but the last. */
export function encodeInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(left)]);
}

/**
 * The integer at `at`, and the offset after it.
 * @throws InputError when it does not end
 */
export function decodeInteger(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0n;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new InputError('the .xz ends within an integer');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return [Number(value), at + index + 1];
  }
  throw new InputError('an integer in the .xz is longer than nine bytes');
}
