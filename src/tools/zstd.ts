import { readOutput } from './exec.ts';

/** Decompresses by the host's zstd, which refuses windows above 128 MiB. */
export function decompressZstd<T>(
  path: string,
  signal: AbortSignal,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  return readOutput(['zstd', '--decompress', '--stdout', '--quiet', '--', path], signal, consume);
}
