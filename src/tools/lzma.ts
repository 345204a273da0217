import { availableParallelism } from 'node:os';
import lzma from 'lzma-native';
import { cutXzBlock, type XzBlock } from '../formats/release-files/xz.ts';

/**
 * Compresses bytes into one Block of an .xz by liblzma, on a thread of Node's pool (four, or UV_THREADPOOL_SIZE). The
 * whole process runs at most one encoder per processor: each takes about 100 MB at level 6, 680 MB at level 9.
 * @param level 0–9, as xz(1)'s
 */
export async function compressBlock(bytes: Buffer, level: number): Promise<XzBlock> {
  if (running >= availableParallelism()) await new Promise<void>((start) => waiting.push(start));
  else running += 1;
  try {
    return cutXzBlock(await encode(bytes, level));
  } finally {
    // Lets the next encoder start.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** liblzma's version: another version may write other bytes. */
export function encoderVersion(): string {
  return lzma.versionString();
}

let running = 0;
const waiting: (() => void)[] = [];
/** LZMA_CHECK_CRC64 of lzma/check.h. */
const CHECK_CRC64 = 4;

async function encode(bytes: Buffer, level: number): Promise<Buffer> {
  // lzma-native ignores a preset of 0 and uses 6, unless a number of threads is given too.
  const multi = level === 0 ? { threads: 1, blockSize: bytes.length } : {};
  // The package's types lack the returned promise and the constants.
  const compress = lzma.compress as unknown as (bytes: Buffer, options: object) => Promise<Buffer>;
  // A copy, because lzma-native does not accept shared memory.
  return compress(Buffer.from(bytes), { preset: level, check: CHECK_CRC64, ...multi });
}
