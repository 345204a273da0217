import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_BYTES } from '../../src/recipe/compression.ts';
import { compressBlock } from '../../src/tools/lzma.ts';
import { timed } from './lab.ts';

/** What no further carrier can do without, measured alone. */
export interface CarrierBounds {
  /** The first byte in which two carriers differ. */
  readonly firstBytes: number;
  /** The blocks of the .xz in which they differ, out of how many. */
  readonly blocks: readonly number[];
  readonly blocksCount: number;
  /** SHA-256 of all that follows the first difference, in memory. */
  readonly hashSeconds: number;
  /** Compression of the blocks that differ, one after the other. */
  readonly compressSeconds: number;
}

/** Compares two images of a fleet of one size. */
export async function measureBounds(a: string, b: string, level: number): Promise<CarrierBounds> {
  const [one, other] = [await open(a), await open(b)];
  const [x, y] = [Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES)];
  const blocks: number[] = [];
  let firstBytes = -1;
  let compressSeconds = 0;
  try {
    const { size } = await one.stat();
    const blocksCount = Math.ceil(size / BLOCK_BYTES);
    for (let block = 0; block < blocksCount; block += 1) {
      const [left, right] = [await read(one, x, block), await read(other, y, block)];
      if (left.equals(right)) continue;
      if (firstBytes === -1)
        firstBytes = block * BLOCK_BYTES + left.findIndex((byte, index) => byte !== right[index]);
      blocks.push(block);
      compressSeconds += await timed(() => compressBlock(left, level));
    }
    const hash = createHash('sha256');
    const hashSeconds = await timed(async () => {
      for (let at = firstBytes; at < size; at += BLOCK_BYTES)
        hash.update(x.subarray(0, Math.min(BLOCK_BYTES, size - at)));
      hash.digest();
    });
    return { firstBytes, blocks, blocksCount, hashSeconds, compressSeconds };
  } finally {
    await one.close();
    await other.close();
  }
}

async function read(file: FileHandle, memory: Buffer, block: number): Promise<Buffer> {
  const { bytesRead } = await file.read(memory, 0, BLOCK_BYTES, block * BLOCK_BYTES);
  return memory.subarray(0, bytesRead);
}
