import wrapAnsi from 'wrap-ansi';

/** Below this width of the text, columns are given up for room. */
const NARROW = 32;
const FILLER = 'x';

/**
 * A line for a window: words that do not fit go to the next row, below the beginning of the text. A word that is wider than
 * the window, such as a path, is not broken. A text of several lines has its own layout, and is left as it is.
 * @param head before the text: a mark, a title; `indent` columns wide
 * @param columns of the window; undefined leaves the line whole, for a file
 */
export function wrapLine(head: string, indent: number, text: string, columns: number | undefined): string {
  if (columns === undefined || text.includes('\n')) return head + text;
  const hang = columns - indent < NARROW ? 4 : indent;
  const spaces = ' '.repeat(hang);
  // The first row begins after the head; a filler that is no space stands for it.
  const rows = wrapAnsi(FILLER.repeat(indent) + text, columns).split('\n');
  const [first = '', ...others] = rows;
  const rest = others.length === 0 ? [] : wrapAnsi(others.join(' '), columns - hang).split('\n');
  return [head + first.slice(indent), ...rest.map((row) => spaces + row)].join('\n');
}
