import lzma from 'lzma-native';
import { cutXzBlock, type XzBlock } from '../formats/xz.ts';

/**
 * Compresses bytes into one Block of an .xz by liblzma, on a thread of its own; the encoder takes some 100 MB at level
 * 6, 680 MB at level 9.
 * @param level 0–9, as xz(1)'s
 */
export async function compressBlock(bytes: Buffer, level: number): Promise<XzBlock> {
  // lzma-native takes a preset of 0 for none given (and then 6), unless a number of threads is given too.
  const multi = level === 0 ? { threads: 1, blockSize: bytes.length } : {};
  // The types of the package say neither that it returns a promise nor what its constants are.
  const compress = lzma.compress as unknown as (bytes: Buffer, options: object) => Promise<Buffer>;
  return cutXzBlock(await compress(bytes, { preset: level, check: CHECK_CRC64, ...multi }));
}

/** liblzma's version: another one may write other bytes. */
export function encoderVersion(): string {
  return lzma.versionString();
}

/** LZMA_CHECK_CRC64 of lzma/check.h. */
const CHECK_CRC64 = 4;
