import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { readVariable } from '../core/environment.ts';
import { createPaint, type Paint } from '../formats/colour.ts';

/** The output that a terminal is drawn on, usually process.stderr; off a terminal, a file or a pipe. */
export interface ReportStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Asks the terminal, where `columns` knows only what the last signal told. */
  getWindowSize?(): [columns: number, rows: number];
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/**
 * The one owner of the terminal: lines that stay, and below them rows that are drawn again and again. Everything that is
 * shown goes through it, so no row is drawn over a line and none is left behind. Text is made safe by the callers.
 */
export interface Terminal {
  /** Whether rows are drawn. Off a terminal and on a dumb one only lines are printed. */
  readonly isLive: boolean;
  readonly paint: Paint;
  /** The width that lines are to be wrapped to; undefined where they are not, off a terminal. */
  getColumns(): number | undefined;
  /** Prints a line, or several, that stay. It may be longer than the terminal is wide. */
  print(text: string): void;
  /**
   * Adds a row below those that are there.
   * @param render gives its text for a width; it is cut to that width, and drawn again every second
   * @param abandoned the line that stays of it when what it shows fails before it is removed
   */
  addRow(render: (columns: number) => string, abandoned?: () => string): Row;
  /** See `Reporter.hold`. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Takes away the rows that leave a line behind, and prints these. */
  abandon(): void;
  /** Ends all drawing. What rows leave behind is printed if the run has failed. */
  end(how: 'done' | 'failed'): void;
}

/** One row that is drawn. */
export interface Row {
  /** Draws it again soon, since what it shows has changed. */
  changed(): void;
  /** Takes it away; safe to call twice. */
  remove(): void;
}

/** What `createTerminal` needs besides the stream; tests give others. */
export interface TerminalOptions {
  /** Switches the echo of keys off while rows are drawn: a typed Enter would move them. */
  readonly setEcho?: (echo: 'on' | 'off') => void;
}

/** Rows change at most this often on the screen; more is not read. */
const DRAW_EVERY_MS = 100;
const TICK_MS = 1000;
/** Echo goes off after rows were there so long: most steps are shorter. */
const ECHO_OFF_AFTER_MS = 100;
/** More rows are no help to anybody, and what is taller than the window can't be drawn over. */
const MAX_ROWS = 12;

/** A key that was typed before, with its echo, would push the row to the right and over the edge: ^C while nothing was drawn. */
const TO_LINE_START = '\r\u001b[0K';

interface LiveRow {
  readonly render: (columns: number) => string;
  readonly abandoned: (() => string) | undefined;
}

/** The owner of a stream. There must be one only for each terminal. */
export function createTerminal(stream: ReportStream, { setEcho }: TerminalOptions = {}): Terminal {
  const isLive = canRedraw(stream);
  const rows = new Set<LiveRow>();
  const echo = createEchoSwitch(setEcho);
  /** The width of each row on the screen. */
  let drawn: readonly number[] = [];
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let soon: NodeJS.Timeout | undefined;
  let tick: NodeJS.Timeout | undefined;
  let holds = 0;

  /** Moves up to the first row and clears from there to the end of the screen. A narrower window has wrapped the rows. */
  const erase = (): string => {
    const [columns] = readSize(stream);
    const height = drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    drawn = [];
    return height === 0 ? '' : `\u001b[${height}F\u001b[0J`;
  };
  const render = (): string => {
    if (!isLive || holds > 0 || rows.size === 0) return '';
    const texts = renderRows([...rows], readSize(stream));
    drawn = texts.map((text) => stringWidth(text));
    drawnAtMs = performance.now();
    return texts.map((text) => `${text}\n`).join('');
  };
  /** Lines that stay, and the rows below them, in one write: half of it would be seen. Off a terminal there are lines only. */
  const draw = (lines = ''): void => {
    clearTimeout(soon);
    soon = undefined;
    const isFirst = drawn.length === 0;
    const before = erase() + lines;
    const rendered = render();
    const text = before + (isFirst && rendered !== '' ? TO_LINE_START : '') + rendered;
    if (text !== '') stream.write(text);
  };
  const redraw = (): void => draw();
  const drawSoon = (waitMs: number): void => {
    if (isLive) soon ??= setTimeout(redraw, waitMs).unref();
  };
  /** Watches the time and the window while there is something to draw. */
  const watch = (): void => {
    const isNeeded = isLive && rows.size > 0 && holds === 0;
    echo.want(isNeeded ? 'off' : 'on');
    if (isNeeded === (tick !== undefined)) return;
    if (isNeeded) {
      stream.on?.('resize', redraw);
      tick = setInterval(redraw, TICK_MS).unref();
    } else {
      stream.off?.('resize', redraw);
      clearInterval(tick);
      tick = undefined;
    }
  };

  const abandon = (): void => {
    let lines = '';
    for (const row of rows) {
      if (row.abandoned === undefined) continue;
      rows.delete(row);
      lines += `${row.abandoned()}\n`;
    }
    watch();
    draw(lines);
  };

  return {
    isLive,
    paint: createPaint(stream),
    getColumns: () => (isLive ? readSize(stream)[0] : undefined),
    print: (text) => draw(`${text}\n`),
    addRow: (renderRow, abandoned) => {
      const row = { render: renderRow, abandoned };
      rows.add(row);
      watch();
      draw();
      return {
        changed: () => {
          if (holds === 0 && rows.has(row)) {
            drawSoon(Math.max(0, drawnAtMs + DRAW_EVERY_MS - performance.now()));
          }
        },
        remove: () => {
          if (!rows.delete(row)) return;
          watch();
          // The last one goes at once: a result may come next, on standard output. Otherwise a line is likely to come.
          if (rows.size === 0) draw();
          else drawSoon(0);
        },
      };
    },
    hold: async (work) => {
      holds += 1;
      draw();
      watch();
      try {
        return await work();
      } finally {
        holds -= 1;
        watch();
        draw();
      }
    },
    abandon,
    end: (how) => {
      if (how === 'failed') abandon();
      rows.clear();
      watch();
      draw();
    },
  };
}

/** Whether lines can be drawn over: on a terminal, unless it cannot move its cursor (TERM=dumb). */
export function canRedraw(stream: ReportStream): boolean {
  return stream.isTTY === true && readVariable('TERM') !== 'dumb';
}

/**
 * Switches the echo off a moment after it is not wanted any more, and on at once: whoever asks for a password next has
 * the terminal as it was.
 */
function createEchoSwitch(setEcho: TerminalOptions['setEcho']) {
  let is: 'on' | 'off' = 'on';
  let timer: NodeJS.Timeout | undefined;
  const set = (echo: 'on' | 'off'): void => {
    clearTimeout(timer);
    timer = undefined;
    if (is === echo) return;
    is = echo;
    setEcho?.(echo);
  };
  return {
    want: (echo: 'on' | 'off'): void => {
      if (echo === 'on') set('on');
      else if (is === 'on') timer ??= setTimeout(set, ECHO_OFF_AFTER_MS, 'off').unref();
    },
  };
}

/** Cuts each row to the width, and their number to the height, of the window. */
function renderRows(rows: readonly LiveRow[], [columns, height]: readonly [number, number]): string[] {
  // The cursor stands below them, and some terminals wrap a line that is exactly full.
  const [width, most] = [Math.max(1, columns - 1), Math.max(1, Math.min(MAX_ROWS, height - 1))];
  const shown = rows.length > most ? rows.slice(0, most - 1) : rows;
  const texts = shown.map(({ render }) => render(width).replaceAll(/[\t\n]/g, ' '));
  if (rows.length > most) texts.push(`  … and ${rows.length - most + 1} more`);
  return texts.map((text) => cliTruncate(text, width));
}

function readSize(stream: ReportStream): [columns: number, rows: number] {
  try {
    const [columns, rows] = stream.getWindowSize?.() ?? [];
    if (columns !== undefined && rows !== undefined && columns > 0 && rows > 0) return [columns, rows];
  } catch {
    // It is no terminal any more: its window is closed.
  }
  return [stream.columns || 80, stream.rows || 24];
}
