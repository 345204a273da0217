import { allocateAligned } from '../tools/disk/block-device.ts';
import type { Piece } from './read-extents.ts';

/** Bytes per read or write call. Large, because a card's erase blocks are megabytes. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** Consecutive bytes of an image, in memory that O_DIRECT accepts. */
export interface Chunk {
  readonly offsetBytes: number;
  /** Padded with zeros to a whole sector at the end of the image. Valid until the chunk after the next is requested. */
  readonly bytes: Buffer;
  /** Bytes of the image: less than the length of `bytes` only at the end of the image. */
  readonly imageBytes: number;
}

/**
 * Gathers pieces into chunks that end at multiples of 4 MiB, as erase blocks do. One of two buffers is filled while
 * the other is written; flashing needs no more memory, whatever the size of the image.
 * @param pieces ascending; a chunk ends at each gap
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
