import { createHash, type Hash } from 'node:crypto';
import { BugError } from '../errors.ts';
import type { BlockRange, BmapRange } from '../formats/bmap.ts';

/** Takes an image's bytes from first to last and gives the hash of each range in the end. */
export interface RangeHasher {
  /** @param position of the first of these bytes in the image; they follow the last ones */
  update(position: number, bytes: Uint8Array): void;
  /** @throws BugError when bytes of a range were never given */
  finish(): BmapRange[];
}

/**
 * Hashes ranges of an image while it passes by once.
 * @param ranges ascending, without overlap; the last may end beyond the image, whose last block is short then
 */
export function createRangeHasher(
  ranges: readonly BlockRange[],
  blockBytes: number,
  imageSizeBytes: number,
): RangeHasher {
  const done: BmapRange[] = [];
  let current: Hash | undefined;
  let next = 0;
  return {
    update: (position, bytes) => {
      if (position !== next) throw new BugError(`bytes of the image came at ${position}, not at ${next}`);
      next = position + bytes.length;
      for (let range = ranges[done.length]; range !== undefined; range = ranges[done.length]) {
        const start = range.first * blockBytes;
        const end = Math.min((range.last + 1) * blockBytes, imageSizeBytes);
        if (start >= next) return;
        current ??= createHash('sha256');
        current.update(bytes.subarray(Math.max(0, start - position), end - position));
        if (end > next) return;
        done.push({ first: range.first, last: range.last, sha256: current.digest('hex') });
        current = undefined;
      }
    },
    finish: () => {
      if (done.length !== ranges.length) throw new BugError('not the whole image was hashed');
      return done;
    },
  };
}
