import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import { packageRoot } from '../../src/core/package.ts';
import { waitFor } from './wait-for.ts';

/** A terminal, as a person sees it, and the command that runs in it. */
export interface Screen {
  /** The emulator, where text is not enough. */
  readonly terminal: Terminal;
  /** The rows that are in sight, without spaces at their ends and empty rows at the end. A line that wraps is two rows. */
  text(): string;
  /** The same with all rows that have scrolled away above. */
  history(): string;
  /** As `history`, with `‹red›…‹/›` around what is coloured: see COLOURS. */
  colours(): string;
  /** Waits until the history has this. */
  waitForText(wanted: string | RegExp): Promise<void>;
  /** Waits until what has been written is shown: until nothing more comes for a moment. */
  settled(): Promise<void>;
  /** Types; see KEYS for keys that are no letters. */
  type(keys: string): void;
  /** The window gets another size. */
  resize(columns: number, rows: number): void;
  /** Waits until the command has ended and everything it wrote is on the screen. Gives its exit code. */
  exited(): Promise<number | null>;
}

/** How to open a screen. */
export interface ScreenOptions {
  /** 80 where nothing is said. */
  readonly columns?: number;
  /** 24 where nothing is said. */
  readonly rows?: number;
  readonly cwd?: string;
  /** Beside this process's own, from which what changes colours is left out. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How long nothing has to come until a screen counts as settled; rows are drawn again each second. */
const SETTLE_MS = 100;

/** The text of lines that were wrapped below a hanging indent of four, as whole lines. */
export function unwrap(screen: string): string {
  return screen.replaceAll(/\n {4}(?=\S)/g, ' ');
}

/** What the keys of a terminal send. */
export const KEYS = {
  ...{ enter: '\r', escape: '\u001b', tab: '\t', backspace: '\u007f', space: ' ' },
  ...{ up: '\u001b[A', down: '\u001b[B', right: '\u001b[C', left: '\u001b[D' },
  ...{ ctrlC: '\u0003', ctrlD: '\u0004' },
} as const;

/**
 * Runs a command in a real pseudo-terminal (run-on-pty.py) and shows it on a terminal emulator. It is hung up on when
 * the test ends.
 */
export function openScreen(
  t: Pick<TestContext, 'after'>,
  argv: readonly string[],
  options: ScreenOptions = {},
): Screen {
  const { columns = 80, rows = 24 } = options;
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const helper = join(packageRoot, 'test/helpers/run-on-pty.py');
  // Debian's own: one on the PATH may be a script that chooses one.
  const child = spawn('/usr/bin/python3', [helper, String(columns), String(rows), ...argv], {
    cwd: options.cwd,
    env: { ...plainEnv(), ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.stdin.end());
  // The command may be gone before a key is read.
  child.stdin.on('error', () => undefined);
  const send = (order: object): void => void child.stdin.write(`${JSON.stringify(order)}\n`);
  let shown = Promise.resolve();
  let received = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    received += bytes.length;
    shown = shown.then(() => new Promise((resolve) => terminal.write(bytes, resolve)));
  });
  // A terminal answers what a program asks it, such as where the cursor is.
  terminal.onData((answer) => send({ type: answer }));
  const ended = waitForEnd(child);
  const history = (): string => readRows(terminal, 0);
  return {
    terminal,
    history,
    text: () => readRows(terminal, terminal.buffer.active.baseY),
    colours: () => readRows(terminal, 0, readColouredRow),
    waitForText: async (wanted) => {
      const isThere = (): boolean =>
        // Rows have no spaces at their ends.
        typeof wanted === 'string' ? history().includes(wanted.trimEnd()) : wanted.test(history());
      await waitFor(`${wanted} on the screen`, async () => isThere() || (await hasEnded()));
      assert.ok(isThere(), `${wanted} never came; the screen at the end:\n${history()}`);
    },
    settled: async () => {
      for (let seen = -1; seen !== received; ) {
        seen = received;
        await shown;
        await sleep(SETTLE_MS);
      }
    },
    type: (keys) => send({ type: keys }),
    resize: (newColumns, newRows) => {
      terminal.resize(newColumns, newRows);
      send({ resize: [newColumns, newRows] });
    },
    exited: async () => {
      const exitCode = await ended;
      await shown;
      return exitCode;
    },
  };

  async function hasEnded(): Promise<boolean> {
    if (child.exitCode === null && child.signalCode === null) return false;
    await ended;
    await shown;
    return true;
  }
}

/** The same for the built program: `openWwanpi(t, ['doctor'])`. `npm run build` first. */
export function openWwanpi(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  options: ScreenOptions = {},
): Screen {
  return openScreen(t, [process.execPath, join(packageRoot, 'dist/src/cli.js'), ...args], options);
}

/**
 * Compares a screen with test/golden/screens/NAME.txt, numbers masked; UPDATE_GOLDEN=1 writes it again.
 * @param replace further texts that change with each run, such as a temporary folder, and what stands for them
 */
export async function assertGoldenScreen(
  name: string,
  screen: string,
  replace: Readonly<Record<string, string>> = {},
): Promise<void> {
  const text = Object.entries(replace).reduce((masked, [from, to]) => masked.replaceAll(from, to), screen);
  await assertGoldenText(name, maskNumbers(text));
}

/**
 * Puts the temporary folders of a test file into /tmp: their names are on its golden screens, and decide where a line wraps.
 * Call it before any is made.
 */
export function keepTmpdirShort(): void {
  process.env.TMPDIR = '/tmp';
}

/** The same for a screen of a play (play.ts), whose clock stands still: nothing is masked. */
export async function assertGoldenText(name: string, text: string): Promise<void> {
  const golden = join(packageRoot, `test/golden/screens/${name}.txt`);
  if (process.env.UPDATE_GOLDEN === '1') {
    await mkdir(dirname(golden), { recursive: true });
    await writeFile(golden, `${text}\n`);
  }
  assert.equal(`${text}\n`, await readFile(golden, 'utf8'));
}

/**
 * Masks what differs from run to run and from machine to machine: how long something took, how fast it was, how much of
 * it is done; the time at the end of a line goes, as a fast machine has none there. Spaces before a mask become two at most, since tables are as wide as their numbers.
 */
export function maskNumbers(text: string): string {
  const time = String.raw`\d+(?:\.\d+)?\s(?:ms|s|min|h)\b`;
  return (
    text
      .replaceAll(/\d+(?:\.\d+)? (?:[kMGT]i?)?B\/s/g, 'RATE')
      .replaceAll(new RegExp(`(?<![\\w.])${time}(?: ${time})*`, 'g'), 'TIME')
      .replaceAll(/\b\d+(?:\.\d+)? ?%/g, 'PART')
      .replaceAll(/[█▓▒░#=>-]{8,}/g, 'BAR')
      // Of a step, and only where it took longer than a second.
      .replaceAll(/\s+\(TIME\)$/gm, '')
      .replaceAll(/ {2,}(?=\(?(?:RATE|TIME|PART))/g, '  ')
  );
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

function readRows(terminal: Terminal, first: number, readRow = readPlainRow): string {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: active.length - first }, (_, at) => readRow(terminal, first + at));
  return rows.join('\n').trimEnd();
}

function readPlainRow(terminal: Terminal, row: number): string {
  return (terminal.buffer.active.getLine(row)?.translateToString(true) ?? '').trimEnd();
}

function readColouredRow(terminal: Terminal, row: number): string {
  const line = terminal.buffer.active.getLine(row);
  let text = '';
  let current = '';
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = nameStyle(cell);
    if (style !== current) text += `${current === '' ? '' : '‹/›'}${style === '' ? '' : `‹${style}›`}`;
    current = style;
    text += cell.getChars() || ' ';
  }
  return `${text.trimEnd()}${current === '' ? '' : '‹/›'}`;
}

function nameStyle(cell: IBufferCell): string {
  return [
    ...(cell.isBold() ? ['bold'] : []),
    ...(cell.isDim() ? ['dim'] : []),
    ...(cell.isFgPalette() ? [COLOURS[cell.getFgColor() % 8] ?? ''] : []),
  ].join(' ');
}

/** A person's terminal: nothing that a CI or this test run sets, neither colours nor a language. */
function plainEnv(): Record<string, string> {
  const left = [
    'NO_COLOR',
    'FORCE_COLOR',
    'NODE_DISABLE_COLORS',
    'CI',
    'COLUMNS',
    'LINES',
    'NODE_TEST_CONTEXT',
  ];
  const own = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !left.includes(name),
  );
  return { ...(Object.fromEntries(own) as Record<string, string>), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
}

async function waitForEnd(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
}
