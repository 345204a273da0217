import type { Meaning, Paint } from './colour.ts';

const MARKS: Readonly<Record<string, Meaning>> = {
  '✓': 'good',
  '✗': 'bad',
  '!': 'warning',
  '⚠': 'warning',
  '–': 'quiet',
};

const VERDICTS: Readonly<Record<string, Meaning>> = { PASSED: 'good', FAILED: 'bad', 'TOO BUSY': 'warning' };

/**
 * Paints the mark at the beginning of each line, after spaces and a time, "  20.4 s  ✓ kernel", and the verdict of a boot
 * test.
 */
export function paintMarks(text: string, paint: Paint): string {
  const marked = text.replaceAll(
    /^([ \t]*(?:[\d.]+ s)?[ \t]*)([✓✗!⚠–])(?= )/gmu,
    (_all, before: string, mark: string) => `${before}${paint(MARKS[mark] ?? 'good', mark)}`,
  );
  return marked.replaceAll(/^(?:PASSED|FAILED|TOO BUSY)(?= {2})/gm, (word) =>
    paint(VERDICTS[word] ?? 'good', word),
  );
}

/**
 * Paints a list of changed files as `wwanpi diff` and `--dry-run` print it: `+`, `-` and `~` before a path, below it a
 * unified diff that is indented by four spaces.
 */
export function paintDiff(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => {
      const [, indent = '', sign = ''] = /^( {4})?([+~@-])/.exec(line) ?? [];
      const meaning = indent === '' ? OF_PATHS[sign] : OF_LINES[sign];
      return meaning === undefined ? line : `${indent}${paint(meaning, line.slice(indent.length))}`;
    })
    .join('\n');
}

const OF_PATHS: Readonly<Record<string, Meaning>> = { '+': 'added', '-': 'removed', '~': 'changed' };
const OF_LINES: Readonly<Record<string, Meaning>> = { '+': 'added', '-': 'removed', '@': 'place' };
