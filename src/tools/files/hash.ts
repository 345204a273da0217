import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of a text's UTF-8 bytes or of bytes, in lower-case hex. */
export function sha256Text(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * SHA-256 of a file, read in chunks, in lower-case hex.
 * @param onBytes called with the length of each chunk
 */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 20,
    signal,
  })) {
    hash.update(chunk as Buffer);
    onBytes?.((chunk as Buffer).length);
  }
  return hash.digest('hex');
}

/** SHA-256 of a file's first `lengthBytes` bytes, in lower-case hex. */
export async function hashPrefix(path: string, lengthBytes: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  if (lengthBytes === 0) return hash.digest('hex');
  for await (const chunk of createReadStream(path, {
    end: lengthBytes - 1,
    highWaterMark: 1 << 20,
    signal,
  })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
