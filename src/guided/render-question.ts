import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Paint } from '../formats/colour.ts';

/** What a question shows at one moment. */
export interface QuestionView {
  /** The answers so far, oldest first: what was asked, and the answer. */
  readonly answered: readonly (readonly [label: string, answer: string])[];
  readonly question: string;
  /** What is asked about, each line with its label. */
  readonly plan?: readonly (readonly [label: string, text: string])[];
  readonly warnings?: readonly string[];
  /** What is being typed, with the cursor; undefined where nothing can be typed. */
  readonly typed?: string | undefined;
  readonly options?: readonly OptionView[];
  /** The index of the option that Enter takes. */
  readonly cursor?: number;
  readonly error?: string | undefined;
  readonly canGoBack: boolean;
  readonly canSearch?: boolean;
}

/** A line of a list. */
export interface OptionView {
  readonly label: string;
  readonly hint?: string | undefined;
  /** The last option only: it is shown even if the list is longer than the window. */
  readonly isPinned?: boolean | undefined;
}

/** The size of the terminal, and its colours. */
export interface Surface {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

/** Even in a low window a list shows so many options. */
const LEAST_OPTIONS = 3;
/** A window of fewer columns has no room for the long texts. */
const NARROW = 76;
const MARGIN = '    ';

/**
 * Draws a question: the answers above it, the question, what is typed, the options around the cursor, what is wrong, and
 * the keys. No line is wider than the terminal, and all together leave its last row free. In a low window the oldest
 * answers are left out, then options far from the cursor.
 */
export function renderQuestion(view: QuestionView, surface: Surface): string {
  const { columns, rows, paint } = surface;
  const width = Math.max(20, columns - 1);
  const warn = (text: string): string[] =>
    wrap(text, width - 4).map((line, at) =>
      at === 0 ? `  ${paint('warning', '!')} ${line}` : `${MARGIN}${line}`,
    );
  const { options = [], cursor = 0 } = view;
  const above = [
    ...wrap(view.question, width - 4).map((line, at) =>
      at === 0 ? `  ${paint('place', '?')} ${paint('strong', line)}` : `${MARGIN}${paint('strong', line)}`,
    ),
    ...(view.plan ?? []).flatMap(([label, text]) =>
      wrap(text, width - 4 - LABEL_WIDTH).map(
        (line, at) => `${MARGIN}${(at === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`,
      ),
    ),
    ...(view.warnings ?? []).flatMap((text) => warn(text)),
    // The end of a long text stays in sight, because one types there.
    ...(view.typed === undefined
      ? []
      : [`${MARGIN}${paint('place', '›')} ${cliTruncate(view.typed, width - 6, { position: 'start' })}`]),
  ];
  const below = [
    ...(view.error === undefined ? [] : warn(view.error)),
    `${MARGIN}${paint('quiet', cut(listKeys(view, width), width - 4))}`,
  ];
  const room = rows - 1 - above.length - below.length;
  const listed = Math.min(options.length, Math.max(LEAST_OPTIONS, room - view.answered.length));
  const answers = view.answered.slice(Math.max(0, view.answered.length - Math.max(0, room - listed)));
  return [
    ...answers.map(([label, answer]) =>
      `  ${paint('good', '✓')} ${cut(`${label.padEnd(LABEL_WIDTH)}${answer}`, width - 4)}`.trimEnd(),
    ),
    ...above,
    ...listOptions(options, cursor, listed, width).map(({ line, isActive }) =>
      isActive ? paint('place', line) : line,
    ),
    ...below,
  ].join('\n');
}

/** The column of the answers. */
export const LABEL_WIDTH = 10;

interface OptionLine {
  readonly line: string;
  readonly isActive: boolean;
}

function listOptions(
  options: readonly OptionView[],
  cursor: number,
  listed: number,
  width: number,
): OptionLine[] {
  const widest = Math.max(0, ...options.map(({ label }) => stringWidth(label)));
  // In a narrow window there is no room for columns.
  const labelWidth = width < NARROW ? 0 : Math.min(Math.floor((width - 6) * 0.6), widest);
  const toLine = (at: number, edge: string): OptionLine => {
    const { label = '', hint = '' } = options[at] ?? {};
    const name = labelWidth === 0 ? label : cut(label, labelWidth);
    const padding = ' '.repeat(Math.max(0, labelWidth - stringWidth(name)));
    const text = hint === '' ? label : `${name}${padding}  ${hint}`;
    const isActive = at === cursor;
    return {
      line: `${MARGIN}${isActive ? '❯' : edge} ${cut(text, width - 6)}`,
      isActive,
    };
  };
  const pinned = options.length > listed && options.at(-1)?.isPinned === true ? [options.length - 1] : [];
  const inWindow = listed - pinned.length;
  const first = Math.max(0, Math.min(cursor - Math.floor(inWindow / 2), options.length - listed));
  const last = Math.min(first + inWindow, options.length);
  const window = Array.from({ length: last - first }, (_, at) => first + at);
  // An arrow at the edge says that the list goes on there.
  const edge = (at: number): string =>
    at === first && first > 0 ? '↑' : at === last - 1 && last < options.length - pinned.length ? '↓' : ' ';
  return [...window.map((at) => toLine(at, edge(at))), ...pinned.map((at) => toLine(at, ' '))];
}

function listKeys({ options, canGoBack, canSearch }: QuestionView, width: number): string {
  if (width < NARROW) return ['Enter', ...(canGoBack ? ['Esc: back'] : []), 'Ctrl-C: leave'].join(' · ');
  const choose =
    canSearch === true ? ['↑↓ or type to search'] : options === undefined ? [] : ['↑↓ to choose'];
  return [...choose, 'Enter to go on', ...(canGoBack ? ['Esc to go back'] : []), 'Ctrl-C to leave'].join(
    ', ',
  );
}

/** Breaks a text at spaces; a word that is too long is broken anywhere. */
export function wrap(text: string, width: number): string[] {
  return wrapAnsi(text, width, { hard: true }).split('\n');
}

function cut(text: string, width: number): string {
  const shown = cliTruncate(text, width);
  // The library keeps a wide letter whole at the edge, and is one column too wide then.
  return stringWidth(shown) <= width ? shown : cliTruncate(text, width - 1);
}
