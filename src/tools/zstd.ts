import type { Context } from '../core/context.ts';
import { readOutput } from './exec.ts';

/**
 * Compresses a file with zstd(1). Its frame says how large the content is, since zstd knows a file's size: Raspberry Pi
 * Imager shows nonsense without it. The number of threads is pinned, whatever processors there are: with one or more
 * worker threads the bytes are the same, but newer versions without -T, and --single-thread, cut the input elsewhere.
 * @param level 1–19
 */
export async function compressZstd(
  context: Context,
  source: string,
  destination: string,
  level: number,
): Promise<void> {
  await context.exec([
    'zstd',
    ...['--quiet', '--force', '--check', '--threads=2', `-${level}`],
    ...['-o', destination, '--', source],
  ]);
}

/** Decompresses by the host's zstd, which refuses windows above 128 MiB. */
export function decompressZstd<T>(
  path: string,
  signal: AbortSignal,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  return readOutput(['zstd', '--decompress', '--stdout', '--quiet', '--', path], signal, consume);
}
