/**
 * The two checks of .xz Blocks, without Node: wwanpi and the catalogue's page in a browser compute them. They are for
 * kilobytes; a whole image has faster ones.
 */

/** CRC-32 (IEEE 802.3), as zlib's. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC32_TABLE[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

/** CRC-64 (ECMA-182, reflected), xz's usual check: two 32-bit halves. */
export function crc64(bytes: Uint8Array): { readonly low: number; readonly high: number } {
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (const byte of bytes) {
    const index = ((low ^ byte) & 0xff) * 2;
    low = ((low >>> 8) | (high << 24)) ^ (CRC64_TABLE[index] as number);
    high = (high >>> 8) ^ (CRC64_TABLE[index + 1] as number);
  }
  return { low: ~low >>> 0, high: ~high >>> 0 };
}

const CRC32_TABLE = makeTable([0xedb88320]);
/** Low half, high half, low half, … */
const CRC64_TABLE = makeTable([0xd7870f42, 0xc96c5795]);

/** One step of each byte value through a reflected polynomial of one or two words, the lowest first. */
function makeTable(polynomial: readonly number[]): Uint32Array {
  const [lowPolynomial = 0, highPolynomial = 0] = polynomial;
  const table = new Uint32Array(256 * polynomial.length);
  for (let byte = 0; byte < 256; byte += 1) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (!isOdd) continue;
      low ^= lowPolynomial;
      high ^= highPolynomial;
    }
    table.set(polynomial.length === 1 ? [low >>> 0] : [low >>> 0, high >>> 0], byte * polynomial.length);
  }
  return table;
}
