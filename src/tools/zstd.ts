import type { Context } from '../core/context.ts';
import { readOutput } from './exec.ts';

/**
 * Compresses a file with zstd(1). zstd writes the file's size into the frame; Raspberry Pi Imager needs it for its
 * display. The number of threads is fixed on every machine: the bytes are the same with one or more worker threads,
 * but newer versions without -T, and --single-thread, split the input elsewhere.
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

/** Decompresses with the host's zstd, which refuses windows above 128 MiB. */
export function decompressZstd<T>(
  path: string,
  signal: AbortSignal,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  return readOutput(['zstd', '--decompress', '--stdout', '--quiet', '--', path], signal, consume);
}
