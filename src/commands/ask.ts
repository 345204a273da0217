import { createInterface } from 'node:readline/promises';
import { InterruptedError } from '../core/errors.ts';

/** Whether there is someone to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks on standard error for a line, without white space around it.
 * @throws InterruptedError on Ctrl-C and on the end of input
 */
export async function askLine(question: string, signal: AbortSignal): Promise<string> {
  // Not `terminal`: the terminal's own line editing does, and leaves Ctrl-C to the run's signal handler.
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
