import { open } from 'node:fs/promises';
import { InterruptedError } from '../../core/errors.ts';
import { allocateShared, openHashThread } from './hash-thread.ts';

const CHUNK_BYTES = 4 * 1024 ** 2;

/**
 * SHA-256 of a file, in lower-case hex, computed on another thread.
 * @param onBytes told the length of each piece
 * @throws InterruptedError
 */
export async function hashAside(
  path: string,
  signal: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<string> {
  const file = await open(path, 'r');
  const thread = openHashThread();
  // One is filled while the other is hashed.
  const chunks = [allocateShared(CHUNK_BYTES), allocateShared(CHUNK_BYTES)] as const;
  let hashed: Promise<void> = Promise.resolve();
  try {
    for (let turn = 0; ; turn = 1 - turn) {
      if (signal.aborted) throw new InterruptedError('interrupted');
      const chunk = turn === 0 ? chunks[0] : chunks[1];
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      await hashed;
      onBytes?.(bytesRead);
      if (bytesRead === 0) return await thread.digest();
      hashed = thread.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await hashed;
    await thread.close();
    await file.close();
  }
}
