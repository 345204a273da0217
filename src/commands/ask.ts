import { createInterface } from 'node:readline/promises';
import { InterruptedError } from '../core/errors.ts';

/** Whether standard input and standard error are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks a question on standard error and returns the trimmed answer.
 * @throws InterruptedError on Ctrl-C and on the end of input
 */
export async function askLine(question: string, signal: AbortSignal): Promise<string> {
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
