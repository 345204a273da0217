/** 8 bits of a number, as QMI and MBIM write all integers; below 0 as two's complement. */
export function u8(value: number): Buffer {
  return Buffer.from([value & 0xff]);
}

/** 16 bits, the lowest byte first. */
export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

/** 32 bits, the lowest byte first. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/**
 * 64 bits, the lowest byte first.
 * @throws RangeError below 0 or above 64 bits
 */
export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
