/** Random numbers that repeat for the same seed (mulberry32). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A change to some bytes, and what they were. */
export interface Mutation {
  readonly at: number;
  readonly before: Buffer;
}

/**
 * Changes up to twelve places in a volume: one byte, a 16- or 32-bit number, or a copy of another place.
 * @param spots where metadata lies, in bytes: most changes are within 64 bytes behind one of these
 * @returns what to hand to `undo`
 */
export function mutate(
  volume: Buffer,
  spots: readonly number[],
  random: (below: number) => number,
): Mutation[] {
  const done: Mutation[] = [];
  for (let left = 1 + random(12); left > 0; left -= 1) {
    const isNear = random(8) > 0 && spots.length > 0;
    const at =
      (isNear ? (spots[random(spots.length)] as number) + random(64) : random(volume.length)) %
      (volume.length - 64);
    const kind = random(5);
    const length = [1, 2, 4, 4, 12][kind] as number;
    done.push({ at, before: Buffer.from(volume.subarray(at, at + length)) });
    const from = (spots[random(Math.max(1, spots.length))] ?? 0) + random(64);
    if (kind === 4) volume.copy(volume, at, from, from + length);
    else if (kind === 3) volume.writeUInt32LE(random(2) === 0 ? random(0x10000) : random(0xffffffff), at);
    else
      for (let index = 0; index < length; index += 1)
        volume[at + index] = [0, 1, 0x7f, 0xff, random(256)][random(5)] as number;
  }
  return done;
}

/** Puts the bytes back. */
export function undo(volume: Buffer, done: readonly Mutation[]): void {
  for (const { at, before } of done.toReversed()) before.copy(volume, at);
}
