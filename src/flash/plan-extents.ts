import type { ByteRange } from '../formats/byte-range.ts';
import type { Bmap } from '../formats/release-files/bmap.ts';

/** A card erases in blocks of megabytes whatever is written; below this a gap costs more than the bytes in it. */
const GAP_BYTES = 128 * 1024;

/** What every card's sectors divide, and what a block map's blocks are made of. */
const ALIGN_BYTES = 4096;

/**
 * Which bytes of an image are written: all of it, or what its block map maps, with the small gaps between, aligned for
 * the card. Nothing is left out for being zero: a card keeps what it held, and a file system may rely on zeros.
 * @param imageBytes of the raw disk; undefined where it is not known before the end, and then there is no map
 * @returns ascending ranges that neither overlap nor touch; the last ends where the image ends
 */
export function planExtents(imageBytes: number | undefined, bmap: Bmap | undefined): ByteRange[] {
  if (bmap === undefined) return [{ start: 0, end: imageBytes ?? Number.POSITIVE_INFINITY }];
  const { blockSizeBytes, imageSizeBytes } = bmap;
  const extents: { start: number; end: number }[] = [];
  for (const { first, last } of bmap.ranges) {
    const start = Math.floor((first * blockSizeBytes) / ALIGN_BYTES) * ALIGN_BYTES;
    const end = Math.min(
      Math.ceil(((last + 1) * blockSizeBytes) / ALIGN_BYTES) * ALIGN_BYTES,
      imageSizeBytes,
    );
    const before = extents.at(-1);
    if (before !== undefined && start - before.end < GAP_BYTES) before.end = Math.max(before.end, end);
    else extents.push({ start, end });
  }
  return extents;
}

/** How many bytes there are in ranges that do not overlap. */
export function countBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
