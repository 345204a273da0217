import { Worker } from 'node:worker_threads';

/**
 * SHA-256 on a thread of its own: `createHash` works on the thread it is called on, and an image takes it a second and
 * more. Bytes are not copied: they must lie in shared memory (`allocateShared`) and stay as they are until the promise
 * settles.
 */
export interface HashThread {
  /** Adds to the running hash, in the order of the calls. */
  update(bytes: Buffer): Promise<void>;
  /** The running hash in lower-case hex; a new one begins. */
  digest(): Promise<string>;
  /** The hash of these bytes alone, in lower-case hex. */
  hash(bytes: Buffer): Promise<string>;
  /** Ends the thread; what it has not done is never settled. */
  close(): Promise<void>;
}

/** Memory that threads share. */
export function allocateShared(sizeBytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(sizeBytes));
}

/** Starts a thread; the caller closes it. */
export function openHashThread(): HashThread {
  const worker = new Worker(THREAD, { eval: true });
  const waiting: { resolve(hex: string): void; reject(error: Error): void }[] = [];
  // It answers in the order it was asked.
  worker.on('message', (hex: string) => waiting.shift()?.resolve(hex));
  worker.on('error', (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  const ask = (request: Request): Promise<string> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  const of = (bytes: Buffer) => ({ memory: bytes.buffer, offset: bytes.byteOffset, length: bytes.length });
  return {
    update: async (bytes) => {
      await ask({ kind: 'update', ...of(bytes) });
    },
    digest: () => ask({ kind: 'digest' }),
    hash: (bytes) => ask({ kind: 'hash', ...of(bytes) }),
    close: async () => {
      await worker.terminate();
    },
  };
}

type Request =
  | { readonly kind: 'digest' }
  | {
      readonly kind: 'update' | 'hash';
      readonly memory: ArrayBufferLike;
      readonly offset: number;
      readonly length: number;
    };

/**
 * The thread's own side. A text, not a module: Node 20 loads no TypeScript in a thread, where the tests run from the
 * sources.
 */
const THREAD = `
const { createHash } = require('node:crypto');
const { parentPort } = require('node:worker_threads');
let running = createHash('sha256');
parentPort.on('message', ({ kind, memory, offset, length }) => {
  let answer = '';
  if (kind === 'digest') {
    answer = running.digest('hex');
    running = createHash('sha256');
  } else {
    const bytes = new Uint8Array(memory, offset, length);
    if (kind === 'update') running.update(bytes);
    else answer = createHash('sha256').update(bytes).digest('hex');
  }
  parentPort.postMessage(answer);
});
`;
