import { createInterface } from 'node:readline/promises';
import { setImmediate } from 'node:timers/promises';
import { InterruptedError } from '../core/errors.ts';
import { holdTerminal } from '../report/choose-reporter.ts';

/** Whether standard input and standard error are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a question on standard error and returns the trimmed answer. What was typed before the question is no answer to
 * it, and is dropped.
 * @throws InterruptedError on Ctrl-C and on the end of input
 */
export function askLine(question: string, signal: AbortSignal): Promise<string> {
  return holdTerminal(() => askHeld(question, signal));
}

async function askHeld(question: string, signal: AbortSignal): Promise<string> {
  await dropTyped();
  // Not `terminal`: the terminal's line editing is enough, and Ctrl-C then reaches the run's signal handler.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('close', () => reject(new InterruptedError('nothing was typed; nothing was written')));
      lines.question(question, { signal }).then(
        (line) => resolve(line.trim()),
        () => reject(new InterruptedError('interrupted; nothing was written')),
      );
    });
  } finally {
    lines.close();
  }
}

/** A terminal holds 4 KiB (N_TTY_BUF_SIZE); more rounds than a few mean that somebody keeps on typing. */
const MAX_ROUNDS = 100;

/**
 * Reads what waits in the terminal, and forgets it, as tcflush(3) does, which Node.js lacks. In raw mode the kernel also
 * hands out a line that has no end yet (n_tty_set_termios in drivers/tty/n_tty.c).
 */
async function dropTyped(): Promise<void> {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  let read = 0;
  const onData = (bytes: Buffer): void => {
    read += bytes.length;
  };
  stdin.setRawMode(true);
  stdin.on('data', onData).resume();
  try {
    for (let round = 0, before = -1; read !== before && round < MAX_ROUNDS; round++) {
      before = read;
      // Whatever the event loop does now, by the second turn it has polled the terminal once.
      await setImmediate();
      await setImmediate();
    }
  } finally {
    stdin.off('data', onData);
    stdin.pause();
    stdin.setRawMode(false);
  }
}
