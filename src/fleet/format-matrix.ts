import { getChoices } from '../options/options.ts';
import { type FleetEntry, takeShard } from './entries.ts';

/** The CI systems `--matrix` knows. */
export const MATRIX_KINDS = getChoices('matrix');

/** One of `MATRIX_KINDS`. */
export type MatrixKind = (typeof MATRIX_KINDS)[number];

/** GitHub Actions makes at most 256 jobs of a matrix, GitLab 200. */
const MAX_SHARDS: Readonly<Record<MatrixKind, number>> = { github: 256, gitlab: 200 };

/**
 * Formats the shards of a fleet as a CI system's matrix; each job runs `wwanpi fleet FILE --shard SHARD`.
 *
 * - github: one line of JSON for `strategy.matrix: ${{ fromJSON(…) }}`; a job has `matrix.shard` and `matrix.names`.
 * - gitlab: a YAML file to include, whose hidden job `.wwanpi-fleet` has `parallel: matrix`; a job has `$SHARD`.
 * @param shards limited to the number of entries and to the maximum of the CI system
 */
export function formatMatrix(kind: MatrixKind, entries: readonly FleetEntry[], shards: number): string {
  const count = Math.max(1, Math.min(shards, entries.length, MAX_SHARDS[kind]));
  const parts = Array.from({ length: count }, (_, at) => {
    const names = takeShard(entries, { index: at + 1, count }).map((entry) => entry.name);
    return { shard: `${at + 1}/${count}`, names: names.join(' ') };
  });
  if (kind === 'github') return `${JSON.stringify({ include: parts })}\n`;
  const lines = parts.map(({ shard, names }) => `      - SHARD: ["${shard}"]  # ${names}\n`);
  return `.wwanpi-fleet:\n  parallel:\n    matrix:\n${lines.join('')}`;
}
