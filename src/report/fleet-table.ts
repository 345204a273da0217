import { join } from 'node:path';
import { findMainFile } from '../core/model.ts';
import { formatSudoCommand, readProgram } from '../core/package.ts';
import type { FleetResult } from '../fleet/fleet-state.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';
import { formatArgv } from '../tools/exec.ts';
import { nameVerdict } from './fleet-progress.ts';

/**
 * The table at the end of a run: entry, size, time, SHA-256 and verdict, and a line that counts them.
 * @param left images that were not begun
 * @param columns of the terminal; hashes that do not fit are cut to their first 16 digits
 */
export function formatFleetTable(
  results: readonly FleetResult[],
  left: readonly string[],
  dryRun: boolean,
  columns?: number,
): string {
  const rows = results.map((result) => {
    const file = findMainFile(result.files);
    return [
      result.name,
      file === undefined ? '' : formatBytes(file.sizeBytes),
      formatDuration(result.seconds),
      file?.sha256 ?? '',
      nameVerdict(result.verdict, dryRun),
    ];
  });
  const all = [
    ['image', 'size', 'time', 'SHA-256', 'verdict'],
    ...rows,
    ...left.map((name) => [name, '', '', '', 'not begun']),
  ];
  const getWidth = (column: number) => Math.max(...all.map((row) => row[column]?.length ?? 0));
  const whole = [0, 1, 2, 3, 4].reduce((sum, column) => sum + getWidth(column) + 2, 0);
  if (columns !== undefined && whole > columns) {
    for (const row of all.slice(1)) row[3] = row[3] === '' ? '' : `${row[3]?.slice(0, 16)}…`;
  }
  const lines = all.map((row) =>
    row
      .map((cell, at) => (at === 1 || at === 2 ? cell.padStart(getWidth(at)) : cell.padEnd(getWidth(at))))
      .join('  ')
      .trimEnd(),
  );
  return `\n${lines.join('\n')}\n\n${countVerdicts(results, left, dryRun)}\n`;
}

/** What to do with the images of a run. @param folder with the images, as the user would type it */
export function formatFleetNext(results: readonly FleetResult[], folder: string): string {
  const main = results.map(({ files }) => findMainFile(files)).find((file) => file !== undefined);
  if (main === undefined) return '';
  const path = join(folder, main.name);
  const commands = [
    ['test one in QEMU', [readProgram(), 'boot', path]],
    ['write one to a card', formatSudoCommand(['flash', path])],
    ['make a download page', [readProgram(), 'catalogue', folder]],
  ] as const;
  const lines = commands.map(([what, argv]) => `  ${what.padEnd(20)}  ${formatArgv(argv)}\n`);
  return `\nThe images are in ${folder}. What you can do next:\n\n${lines.join('')}`;
}

/** Each warning once, with the images it is about. */
export function formatFleetWarnings(
  warnings: ReadonlyMap<string, readonly string[]>,
  total: number,
): string[] {
  return [...warnings].map(([text, names]) => {
    const unique = [...new Set(names)];
    if (total === 1) return text;
    return unique.length > 3
      ? `${unique.length} of ${total} images: ${text}`
      : `${unique.join(', ')}: ${text}`;
  });
}

function countVerdicts(results: readonly FleetResult[], left: readonly string[], dryRun: boolean): string {
  const count = (verdict: FleetResult['verdict']) =>
    results.filter((result) => result.verdict === verdict).length;
  const parts = [
    [count('built'), nameVerdict('built', dryRun)],
    [count('unchanged'), 'unchanged'],
    [count('failed'), 'failed'],
    [left.length, 'not begun'],
  ] as const;
  const counts = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return counts.length === 0 ? 'nothing to make' : counts.join(', ');
}
