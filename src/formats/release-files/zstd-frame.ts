/** The first four bytes of a Zstandard frame (RFC 8878, section 3.1.1), little-endian. */
export const ZSTD_MAGIC = 0xfd2fb528;

/**
 * The decompressed size of a Zstandard file with one frame, from its header (RFC 8878, section 3.1.1.1.4). zstd(1)
 * writes the size when it compresses a file, but not when it compresses a pipe.
 * @param head the file's first 18 bytes, or all of a shorter file
 * @returns bytes; undefined if the header has no size
 */
export function readZstdContentSize(head: Uint8Array): number | undefined {
  const bytes = Buffer.alloc(18);
  bytes.set(head.subarray(0, bytes.length));
  if (bytes.readUInt32LE(0) !== ZSTD_MAGIC) return undefined;
  const descriptor = bytes.readUInt8(4);
  const sizeFlag = descriptor >> 6;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
  switch (sizeFlag) {
    case 0:
      return singleSegment ? bytes.readUInt8(at) : undefined;
    case 1:
      return bytes.readUInt16LE(at) + 256;
    case 2:
      return bytes.readUInt32LE(at);
    default: {
      const size = bytes.readBigUInt64LE(at);
      return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : undefined;
    }
  }
}
