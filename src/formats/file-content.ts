import type { ByteRange } from './byte-range.ts';
import type { FileContent, ReadBytes } from './tree-reader.ts';

/** A run of a file's bytes, and where it lies on the volume. */
export interface Segment extends ByteRange {
  readonly volumeOffsetBytes: number;
}

/**
 * A file's content by the runs it lies in.
 * @param segments ascending, without overlap; what is in none of them is zeros
 */
export function createFileContent(read: ReadBytes, segments: readonly Segment[]): FileContent {
  return {
    data: segments,
    read: async (offsetBytes, lengthBytes) => {
      const bytes = new Uint8Array(lengthBytes);
      const endBytes = offsetBytes + lengthBytes;
      for (let index = findFirst(segments, offsetBytes); index < segments.length; index += 1) {
        const { start, end, volumeOffsetBytes } = segments[index] as Segment;
        if (start >= endBytes) break;
        const from = Math.max(start, offsetBytes);
        const length = Math.min(end, endBytes) - from;
        bytes.set(await read(volumeOffsetBytes + from - start, length), from - offsetBytes);
      }
      return bytes;
    },
  };
}

/** The first segment that ends behind `offsetBytes`. */
function findFirst(segments: readonly Segment[], offsetBytes: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle] as Segment).end > offsetBytes) high = middle;
    else low = middle + 1;
  }
  return low;
}
