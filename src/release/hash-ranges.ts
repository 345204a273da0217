import { createHash } from 'node:crypto';
import { BugError } from '../core/errors.ts';
import { type BlockRange, BMAP_BLOCK_BYTES, type BmapRange } from '../formats/release-files/bmap.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import type { BlockConsumer } from './read-blocks.ts';

/** Hashes the ranges of a block map during the pass over the image. */
export interface RangeHasher {
  readonly consume: BlockConsumer;
  /** @throws BugError when a part of the image is missing */
  finish(): BmapRange[];
}

/** Less than this is hashed on the main thread, which is faster than handing it to another one. */
const SMALL_BYTES = 64 * 1024;

/**
 * Hashes the given ranges. They are split at the blocks of the pass, so that each piece is in memory as a whole and is
 * hashed on another thread than the image. A map may have ranges that touch.
 * @param ranges ascending, in 4 KiB blocks, without overlap
 */
export function createRangeHasher(ranges: readonly BlockRange[]): RangeHasher {
  const pieces = ranges.flatMap(cut);
  const hashed: BmapRange[] = [];
  let next = 0;
  return {
    consume: async (positionBytes, bytes, hash) => {
      const endBytes = positionBytes + bytes.length;
      const first = next;
      for (let piece = pieces[next]; piece !== undefined; piece = pieces[next]) {
        if (piece.first * BMAP_BLOCK_BYTES >= endBytes) break;
        next += 1;
      }
      await Promise.all(
        pieces.slice(first, next).map(async (piece, index) => {
          const start = piece.first * BMAP_BLOCK_BYTES - positionBytes;
          const end = (piece.last + 1) * BMAP_BLOCK_BYTES - positionBytes;
          // The image's last block may be short.
          const part = bytes.subarray(start, end);
          hashed[first + index] = {
            ...piece,
            sha256: await (part.length < SMALL_BYTES ? sha256(part) : hash(part)),
          };
        }),
      );
    },
    finish: () => {
      const all = pieces.map((_, index) => hashed[index]);
      if (!all.every((range) => range !== undefined)) throw new BugError('not the whole image was hashed');
      return all;
    },
  };
}

function cut({ first, last }: BlockRange): BlockRange[] {
  const blocks = BLOCK_BYTES / BMAP_BLOCK_BYTES;
  const pieces: BlockRange[] = [];
  for (let at = first; at <= last; ) {
    const end = Math.min(last, (Math.floor(at / blocks) + 1) * blocks - 1);
    pieces.push({ first: at, last: end });
    at = end + 1;
  }
  return pieces;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
