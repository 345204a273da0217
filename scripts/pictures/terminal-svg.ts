import type { IBufferCell, Terminal } from '@xterm/headless';

/** What of a terminal a picture shows. */
export interface Crop {
  /** The first line below the command that is shown is the first that matches; left out, all are. */
  readonly from?: RegExp;
  /** The last line that is shown is the last that matches; left out, the last with text. */
  readonly to?: RegExp;
}

const CELL = { width: 8.4, height: 18 } as const;
const MARGIN = 16;
/** The height of the bar above the text. */
const BAR = 30;
const COLOURS = { background: '#16181d', bar: '#23262e', text: '#d6d9e0', dim: '#8b909c' } as const;
/** ANSI colours 0 to 15 that are easy to read on the background. */
const PALETTE = [
  ...['#16181d', '#ff6b6b', '#5fd38d', '#f2c55c', '#6cb2ff', '#d58cff', '#5ed3d3', '#d6d9e0'],
  ...['#8b909c', '#ff8787', '#7ee2a5', '#ffd97a', '#8fc6ff', '#e2adff', '#84e4e4', '#ffffff'],
];

/** Cells side by side that look the same. */
interface Run {
  readonly column: number;
  readonly text: string;
  readonly style: string;
}

/**
 * What a terminal has shown, lines that have scrolled away included, as an SVG picture of a window.
 * @param title stands in the window's bar
 */
export function drawTerminal(terminal: Terminal, title: string, crop: Crop = {}): string {
  const rows = selectRows(terminal, crop);
  const width = Math.round(terminal.cols * CELL.width + 2 * MARGIN);
  const height = BAR + rows.length * CELL.height + 2 * MARGIN;
  const lines = rows.flatMap((row, at) => listRuns(terminal, row).map((run) => drawRun(run, at)));
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, at) => `<circle cx="${18 + at * 18}" cy="${BAR / 2}" r="5.5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${COLOURS.background}"/>`,
    `<path d="M0 ${BAR}V8a8 8 0 0 1 8-8h${width - 16}a8 8 0 0 1 8 8v${BAR - 8}z" fill="${COLOURS.bar}"/>`,
    ...dots,
    `<text x="${width / 2}" y="${BAR / 2 + 4}" text-anchor="middle" font-family="sans-serif" font-size="12" fill="${COLOURS.dim}">${escapeXml(title)}</text>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${COLOURS.text}">`,
    ...lines,
    '</g></svg>\n',
  ].join('\n');
}

function selectRows(terminal: Terminal, { from, to }: Crop): number[] {
  const { active } = terminal.buffer;
  const texts = Array.from({ length: active.length }, (_, row) =>
    (active.getLine(row)?.translateToString(true) ?? '').trimEnd(),
  );
  const first = from === undefined ? 1 : texts.findIndex((text, row) => row > 0 && from.test(text));
  const last = texts.findLastIndex((text) => (to === undefined ? text !== '' : to.test(text)));
  if (first === -1 || last < first) throw new Error(`nothing to show:\n${texts.join('\n')}`);
  return [0, ...Array.from({ length: last - first + 1 }, (_, at) => first + at)];
}

function listRuns(terminal: Terminal, row: number): Run[] {
  const line = terminal.buffer.active.getLine(row);
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const style = styleOf(cell);
    const last = runs.at(-1);
    if (last?.style === style) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ column, text, style });
  }
  return runs.flatMap((run) => {
    const text = run.text.trimEnd();
    const lead = text.length - text.trimStart().length;
    return text === '' ? [] : [{ ...run, column: run.column + lead, text: text.trimStart() }];
  });
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette() ? PALETTE[cell.getFgColor()] : undefined;
  return [
    ...(colour === undefined ? [] : [`fill="${colour}"`]),
    ...(cell.isBold() ? ['font-weight="bold"'] : []),
    ...(cell.isDim() ? [`fill="${COLOURS.dim}"`] : []),
  ].join(' ');
}

/** Every run has its own place and length, so that columns stay columns in whatever font there is. */
function drawRun({ column, text, style }: Run, row: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = BAR + MARGIN + row * CELL.height + 13;
  const length = ([...text].length * CELL.width).toFixed(1);
  // SVG makes one space of several.
  const shown = escapeXml(text).replaceAll(' ', '\u00a0');
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style === '' ? '' : ` ${style}`}>${shown}</text>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
