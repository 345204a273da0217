import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { InterruptedError } from '../../core/errors.ts';

/** SHA-256 of a text's UTF-8 bytes or of bytes, in lower-case hex. */
export function sha256Text(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * SHA-256 of a file, read in chunks, in lower-case hex.
 * @param onBytes told the length of each chunk
 * @throws InterruptedError
 */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<string> {
  return hashRange(path, Number.POSITIVE_INFINITY, signal, onBytes);
}

/** SHA-256 of a file's first `lengthBytes` bytes, in lower-case hex. @throws InterruptedError */
export async function hashPrefix(path: string, lengthBytes: number, signal: AbortSignal): Promise<string> {
  return lengthBytes === 0 ? sha256Text('') : hashRange(path, lengthBytes - 1, signal);
}

/** @param end the last byte */
async function hashRange(
  path: string,
  end: number,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { end, highWaterMark: 1 << 20, signal })) {
      hash.update(chunk as Buffer);
      onBytes?.((chunk as Buffer).length);
    }
  } catch (error) {
    // Node's own AbortError would be a bug to whoever prints it.
    if (signal?.aborted) throw new InterruptedError('interrupted');
    throw error;
  }
  return hash.digest('hex');
}
