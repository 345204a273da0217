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
  const { size } = await stat(path);
  return withBar(context, title, size, (onBytes) => hash(path, context.signal, onBytes));
}

/** Shows a bar while `work` runs, which tells how many bytes each of its pieces has. */
export async function withBar<T>(
  context: Context,
  title: string,
  totalBytes: number | undefined,
  work: (onBytes: (count: number) => void) => Promise<T>,
): Promise<T> {
  const bar = context.report.progress(title, totalBytes);
  let doneBytes = 0;
  try {
    return await work((count) => {
      doneBytes += count;
      bar.update(doneBytes);
    });
  } finally {
    bar.done();
  }
}
