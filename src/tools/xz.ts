import { VerificationError } from '../core/errors.ts';
import type { Exec } from '../core/exec.ts';
import { readOutput } from './exec.ts';

/**
 * The decompressed size of an .xz file, in bytes, from its indexes: nothing is decompressed.
 * @throws ToolFailedError when the indexes are damaged or the file is cut short
 */
export async function readXzSize(exec: Exec, path: string): Promise<number> {
  const { stdout } = await exec(['xz', '--robot', '--list', '--', path]);
  // "totals, streams, blocks, compressed, uncompressed, …", xz(1), "List mode".
  const totals = stdout
    .split('\n')
    .find((line) => line.startsWith('totals\t'))
    ?.split('\t');
  const size = Number(totals?.[4]);
  if (!Number.isSafeInteger(size)) throw new VerificationError(`xz does not say what ${path} unpacks to`);
  return size;
}

/**
 * Decompresses with the host's xz, which from 5.4 on uses all cores for a file of several blocks; lzma-native took 2.3
 * times as long on two cores. The limit bounds the memory for large blocks: xz uses fewer threads rather than more
 * memory.
 */
export function decompressXz<T>(
  path: string,
  signal: AbortSignal,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const argv = ['--decompress', '--stdout', '--threads=0', '--memlimit-decompress=512MiB', '--', path];
  return readOutput(['xz', ...argv], signal, consume);
}
