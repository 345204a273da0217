import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** What a long step tells and obeys. */
export interface StepOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes that are done, from 0 to all. */
  readonly onProgress: (doneBytes: number) => void;
}

/** A SHA-256 that is fed piece by piece; WebCrypto has none. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The hash of all that was fed, in hexadecimal. Call it once, at the end. */
  finish(): string;
}

/** Begins a hash. */
export function startSha256(): Sha256 {
  const hash = sha256.create();
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => bytesToHex(hash.digest()),
  };
}

/** Small, so that the page answers between two slices on a slow phone too. */
const SLICE_BYTES = 2 * 1024 * 1024;

/**
 * Hashes a blob slice by slice. The next slice is read while one is hashed; no more than two are in memory.
 * @returns SHA-256 in hexadecimal
 * @throws what `signal` was aborted with, and a DOMException when the browser cannot read the blob
 */
export async function hashBlob(blob: Blob, { signal, onProgress }: StepOptions): Promise<string> {
  const hash = startSha256();
  const read = (at: number) => {
    const reading = blob.slice(at, at + SLICE_BYTES).arrayBuffer();
    // A failed read is thrown where it is awaited.
    reading.catch(() => undefined);
    return reading;
  };
  let next = read(0);
  for (let at = 0; at < blob.size; at += SLICE_BYTES) {
    signal.throwIfAborted();
    const bytes = new Uint8Array(await next);
    next = read(at + SLICE_BYTES);
    hash.update(bytes);
    onProgress(Math.min(at + SLICE_BYTES, blob.size));
  }
  signal.throwIfAborted();
  return hash.finish();
}
