import { styleText } from 'node:util';
import { type Environment, readVariable } from '../core/environment.ts';

/** What a text on a terminal means; each meaning has one colour in every command. */
export type Meaning = keyof typeof STYLES;

/** Colours a text by its meaning, or leaves it as it is. */
export type Paint = (meaning: Meaning, text: string) => string;

const STYLES = {
  /** Done, passed, present. */
  good: 'green',
  /** Read this; the work goes on. */
  warning: 'yellow',
  /** Failed, refused, missing. */
  bad: 'red',
  /** Less important than the rest of its line: a duration. */
  quiet: 'dim',
  /** A title, a name to find again. */
  strong: 'bold',
  /** In a diff: there now; gone; other than before; where it is. */
  added: 'green',
  removed: 'red',
  changed: 'yellow',
  place: 'cyan',
} as const;

/**
 * The colours for one output. Foreign text is made safe (`escapeControls`) before it is painted, not after.
 * @param stream where the text will be written: process.stdout has other colours than process.stderr if one is a file
 */
export function createPaint(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Environment = process.env,
): Paint {
  if (!hasColours(stream, environment)) return (_meaning, text) => text;
  // validateStream: Node.js would decide by process.stdout, whatever the stream is.
  return (meaning, text) => (text === '' ? '' : styleText(STYLES[meaning], text, { validateStream: false }));
}

/**
 * Whether an output is coloured. FORCE_COLOR says yes or, with 0 or false, no, and is asked first, as Node.js and chalk
 * do; then NO_COLOR says no (no-color.org); otherwise a terminal is coloured unless it is dumb.
 */
function hasColours(stream: { readonly isTTY?: boolean | undefined }, environment: Environment): boolean {
  const forced = readVariable('FORCE_COLOR', environment);
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (readVariable('NO_COLOR', environment) !== undefined) return false;
  return stream.isTTY === true && readVariable('TERM', environment) !== 'dumb';
}
