import { createHash, type Hash } from 'node:crypto';
import { VerificationError } from '../core/errors.ts';
import { type Bmap, getRangeBytes } from '../formats/release-files/bmap.ts';
import { FETCH_AGAIN } from './open-image.ts';
import type { Piece } from './read-extents.ts';

/**
 * Passes the pieces of an image through and checks the hash of each range of its block map at the end of the range.
 * @param pieces ascending; they cover every mapped range
 * @throws VerificationError at the first range whose hash differs from the map's
 */
export async function* checkRanges(pieces: AsyncIterable<Piece>, bmap: Bmap): AsyncIterable<Piece> {
  const { ranges } = bmap;
  let current = 0;
  let hash: Hash = createHash('sha256');
  for await (const piece of pieces) {
    const pieceEnd = piece.offsetBytes + piece.bytes.length;
    for (let range = ranges[current]; range !== undefined; range = ranges[current]) {
      const { start, end } = getRangeBytes(bmap, range);
      if (start >= pieceEnd) break;
      hash.update(
        piece.bytes.subarray(Math.max(0, start - piece.offsetBytes), Math.max(0, end - piece.offsetBytes)),
      );
      if (end > pieceEnd) break;
      if (hash.digest('hex') !== range.sha256) throw damagedAt(start, end);
      hash = createHash('sha256');
      current += 1;
    }
    yield piece;
  }
  if (current < ranges.length) {
    throw new VerificationError('the image ends before its block map does', { hint: FETCH_AGAIN });
  }
}

function damagedAt(start: number, end: number): VerificationError {
  return new VerificationError(
    `the image does not match its block map: bytes ${start} to ${end - 1} have another SHA-256`,
    { hint: FETCH_AGAIN },
  );
}
