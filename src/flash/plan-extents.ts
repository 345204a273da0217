import type { ByteRange } from '../formats/byte-range.ts';
import type { Bmap } from '../formats/release-files/bmap.ts';

/** A card erases whole blocks of megabytes, so skipping a gap smaller than this costs more than writing it. */
const GAP_BYTES = 128 * 1024;

/** A multiple of every card's sector size; block maps use it too. */
const ALIGN_BYTES = 4096;

/**
 * Plans which bytes of an image are written: all, or those that its block map lists and the small gaps between them,
 * aligned for the card. Zeros are written too: the card keeps its old data otherwise, and a file system may rely on
 * zeros.
 * @param imageBytes size of the raw disk; undefined if it is not known beforehand, and then there is no map
 * @returns ascending ranges that neither overlap nor touch; the last ends at the end of the image
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

/** The total size of ranges that do not overlap. */
export function countBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
