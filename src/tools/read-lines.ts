import type { Readable } from 'node:stream';

/** A program that prints more than this without a line end says nothing of how far it is. */
const LONGEST_LINE = 65_536;

/**
 * Calls `onLine` with each whole line of some streams as it comes, beside whoever else reads them. Nothing but UTF-8 is
 * expected, and a line end is LF or CR, as of programs that draw over their line.
 */
export function readLines(
  streams: readonly (Readable | null | undefined)[],
  onLine: (line: string) => void,
): void {
  for (const stream of streams) {
    let pending = '';
    const decoder = new TextDecoder();
    stream?.on('data', (bytes: Uint8Array) => {
      const lines = (pending + decoder.decode(bytes, { stream: true })).split(/[\r\n]+/);
      pending = (lines.pop() ?? '').slice(-LONGEST_LINE);
      for (const line of lines) if (line !== '') onLine(line);
    });
  }
}
