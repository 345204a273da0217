import { createHash, type Hash } from 'node:crypto';
import type { ByteRange } from '../formats/byte-range.ts';
import type { Patch } from '../formats/release-files/xz-stored.ts';

/** The SHA-256 of a file before and after a change, and of parts of it after the change. */
export interface ChangedHashes {
  readonly before: string;
  readonly after: string;
  /** In the order of the ranges asked for. */
  readonly ranges: readonly string[];
}

/**
 * Hashes a file as it is and as it will be, in one read. Up to the first changed byte there is one hash.
 * @param patches ascending, without overlap
 * @param ranges parts to hash after the change
 */
export async function hashChange(
  chunks: AsyncIterable<Uint8Array>,
  patches: readonly Patch[],
  ranges: readonly ByteRange[] = [],
  onBytes: (count: number) => void = () => undefined,
): Promise<ChangedHashes> {
  const before = createHash('sha256');
  let after: Hash | undefined;
  const parts = ranges.map(() => createHash('sha256'));
  const firstAt = patches[0]?.offsetBytes ?? Number.POSITIVE_INFINITY;
  let position = 0;
  for await (const chunk of chunks) {
    const end = position + chunk.length;
    if (after === undefined && end > firstAt) after = before.copy();
    const changed = after === undefined ? chunk : patch(chunk, position, patches);
    before.update(chunk);
    after?.update(changed);
    for (const [index, range] of ranges.entries()) {
      if (range.end <= position || range.start >= end) continue;
      parts[index]?.update(changed.subarray(Math.max(0, range.start - position), range.end - position));
    }
    position = end;
    onBytes(chunk.length);
  }
  const whole = before.digest('hex');
  return {
    before: whole,
    after: after?.digest('hex') ?? whole,
    ranges: parts.map((part) => part.digest('hex')),
  };
}

function patch(chunk: Uint8Array, position: number, patches: readonly Patch[]): Uint8Array {
  const end = position + chunk.length;
  const here = patches.filter(
    ({ offsetBytes, bytes }) => offsetBytes < end && offsetBytes + bytes.length > position,
  );
  if (here.length === 0) return chunk;
  const copy = Uint8Array.from(chunk);
  for (const { offsetBytes, bytes } of here) {
    const part = bytes.subarray(Math.max(0, position - offsetBytes), end - offsetBytes);
    copy.set(part, Math.max(0, offsetBytes - position));
  }
  return copy;
}
