import { allocateAligned } from '../tools/disk/block-device.ts';
import type { Piece } from './read-extents.ts';

/** What is written or read with one call: large, since a card's erase blocks are megabytes. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** A run of an image's bytes in memory that O_DIRECT takes. */
export interface Chunk {
  readonly offsetBytes: number;
  /** Zeros follow up to the next sector, where the image ends within one. Valid until the next but one is asked for. */
  readonly bytes: Buffer;
  /** Of the image: less than `bytes` has at most at the image's end. */
  readonly imageBytes: number;
}

/**
 * Gathers pieces into chunks that end at multiples of 4 MiB, as erase blocks do. Two buffers, so that one is filled while the other is written: that is
 * all the memory a flash takes, whatever the image's size.
 * @param pieces ascending; where they leave a gap, a chunk ends
 */
export async function* fillChunks(pieces: AsyncIterable<Piece>, sectorBytes: number): AsyncIterable<Chunk> {
  const buffers = [allocateAligned(CHUNK_BYTES), allocateAligned(CHUNK_BYTES)] as const;
  let buffer = buffers[0];
  let start = 0;
  let filled = 0;
  const room = () => CHUNK_BYTES - (start % CHUNK_BYTES) - filled;
  const take = (): Chunk => {
    const padded = Math.ceil(filled / sectorBytes) * sectorBytes;
    const chunk = {
      offsetBytes: start,
      bytes: buffer.fill(0, filled, padded).subarray(0, padded),
      imageBytes: filled,
    };
    buffer = buffer === buffers[0] ? buffers[1] : buffers[0];
    start += filled;
    filled = 0;
    return chunk;
  };
  for await (const { offsetBytes, bytes } of pieces) {
    if (offsetBytes !== start + filled) {
      if (filled > 0) yield take();
      start = offsetBytes;
    }
    for (let taken = 0; taken < bytes.length; ) {
      const part = bytes.subarray(taken, taken + room());
      buffer.set(part, filled);
      filled += part.length;
      taken += part.length;
      if (room() === 0) yield take();
    }
  }
  if (filled > 0) yield take();
}
