import { createPaint } from '../formats/colour.ts';
import { paintDiff, paintMarks } from '../formats/paint-text.ts';
import { findPager, showInPager } from '../tools/attached.ts';
import { canRedraw } from './terminal.ts';

/** What a result looks like, for its colours: lines with ✓ and ✗, or a list of changes. JSON has none. */
export type ResultKind = 'marks' | 'diff' | 'json';

/** Prints the result of a command to standard output, in colours where that has them. */
export function printResult(text: string, kind: ResultKind): void {
  process.stdout.write(paintResult(text, kind));
}

/**
 * The same, on a terminal through the user's pager (PAGER, or less), which shows a text that fits the window at once and
 * ends. Without a pager, or where it does not start, it is printed.
 */
export async function pageResult(text: string, kind: ResultKind): Promise<void> {
  const pager = canRedraw(process.stdout) ? findPager() : undefined;
  const painted = paintResult(text, kind);
  if (pager === undefined || !(await showInPager(pager, painted))) process.stdout.write(painted);
}

function paintResult(text: string, kind: ResultKind): string {
  if (kind === 'json') return text;
  const paint = createPaint(process.stdout);
  return kind === 'diff' ? paintDiff(text, paint) : paintMarks(text, paint);
}
