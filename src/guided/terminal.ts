import { readVariable } from '../core/environment.ts';
import { createPaint } from '../formats/colour.ts';
import { canRedraw } from '../report/terminal.ts';
import type { AskingTerminal } from './prompts.ts';

/**
 * The terminal of this process: questions are drawn on standard error, because standard output is for results. SIGINT,
 * SIGTERM and SIGHUP end the questions until it is closed.
 */
export function openTerminal(): AskingTerminal & { close(): void } {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    input: process.stdin,
    output: process.stderr,
    paint: createPaint(process.stderr),
    signal: abort.signal,
    close: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}

/** Whether a question can be drawn for a person: standard input and error are a terminal that can move its cursor, not that of a CI. */
export function canDrawQuestions(): boolean {
  const { stdin, stderr } = process;
  return stdin.isTTY === true && canRedraw(stderr) && readVariable('CI') === undefined;
}
