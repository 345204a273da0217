/** Bytes of a volume or disk from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The same bytes as ascending ranges that neither overlap nor touch. */
export function mergeRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (end <= start) continue;
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** The parts of the first `sizeBytes` bytes that are in no range. `ranges` come from `mergeRanges`. */
export function invertRanges(ranges: readonly ByteRange[], sizeBytes: number): ByteRange[] {
  const starts = [0, ...ranges.map(({ end }) => end)];
  const ends = [...ranges.map(({ start }) => start), sizeBytes];
  return starts
    .map((start, index) => ({ start, end: ends[index] as number }))
    .filter(({ start, end }) => end > start);
}
