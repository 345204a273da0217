import { stat } from 'node:fs/promises';
import type { Context } from '../../core/context.ts';
import { hashFile } from './hash.ts';

/**
 * SHA-256 of a file of perhaps gigabytes, in lower-case hex, with a bar.
 * @param title what the bar says
 * @param hash `hashFile`, or `hashAside` for another thread
 * @throws InterruptedError
 */
export async function hashWithBar(
  context: Context,
  title: string,
  path: string,
  hash: (path: string, signal: AbortSignal, onBytes: (count: number) => void) => Promise<string> = hashFile,
): Promise<string> {
  const bar = context.report.progress(title, (await stat(path)).size);
  let doneBytes = 0;
  try {
    return await hash(path, context.signal, (count) => {
      doneBytes += count;
      bar.update(doneBytes);
    });
  } finally {
    bar.done();
  }
}
