import { Worker } from 'node:worker_threads';
import { FINGERPRINT_KEY } from './fingerprint.ts';

/**
 * SHA-256 on another thread: `createHash` blocks the thread that calls it, for more than a second with an image. Bytes
 * are not copied: they must be in shared memory (`allocateShared`) and must not change until the promise settles.
 */
export interface HashThread {
  /**
   * Adds to the running hash, in the order of the calls.
   * @param id the bytes' fingerprint. While the ids are those of the thread's last file, nothing is hashed: the thread
   *   keeps what the hash was after each
   */
  update(bytes: Buffer, id?: string): Promise<void>;
  /** The running hash in lower-case hex; then starts a new one. */
  digest(): Promise<string>;
  /** The hash of these bytes alone, in lower-case hex. */
  hash(bytes: Buffer): Promise<string>;
  /** The fingerprint of these bytes. */
  identify(bytes: Buffer): Promise<string>;
  /** Returns the thread to the pool. */
  close(): Promise<void>;
}

/** Memory shared between threads. */
export function allocateShared(sizeBytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(sizeBytes));
}

/** A thread for one caller until it closes it. Closed threads are used again, because a start takes 40 ms. */
export function openHashThread(): HashThread {
  const thread = idle.pop() ?? startThread();
  thread.worker.ref();
  return {
    update: async (bytes, id) => {
      await thread.ask({ kind: 'update', ...locate(bytes), id });
    },
    digest: () => thread.ask({ kind: 'digest' }),
    hash: (bytes) => thread.ask({ kind: 'hash', ...locate(bytes) }),
    identify: (bytes) => thread.ask({ kind: 'identify', ...locate(bytes) }),
    close: async () => {
      // The last user may have left a running hash: start a new one.
      await thread.ask({ kind: 'digest' });
      thread.worker.unref();
      idle.push(thread);
    },
  };
}

interface Thread {
  readonly worker: Worker;
  ask(request: Request): Promise<string>;
}

type Request =
  | { readonly kind: 'digest' }
  | {
      readonly kind: 'update' | 'hash' | 'identify';
      readonly memory: ArrayBufferLike;
      readonly offset: number;
      readonly length: number;
      readonly id?: string;
    };

/** Idle threads. They do not keep the process alive. */
const idle: Thread[] = [];

function startThread(): Thread {
  const worker = new Worker(THREAD, { eval: true, workerData: FINGERPRINT_KEY });
  const waiting: { resolve(hex: string): void; reject(error: Error): void }[] = [];
  // The thread answers in the order of the requests.
  worker.on('message', (hex: string) => waiting.shift()?.resolve(hex));
  worker.on('error', (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    worker,
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(request);
      }),
  };
}

function locate(bytes: Buffer) {
  return { memory: bytes.buffer, offset: bytes.byteOffset, length: bytes.length };
}

/**
 * The program of the thread. A text, not a module: the tests run from the sources, and Node 20 cannot load TypeScript
 * in a thread.
 */
const THREAD = `
const { createCipheriv, createHash } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');
let running = createHash('sha256');
// For each piece of the last file: its id, and the hash up to its end.
let kept = [];
let count = 0;
let isSame = true;
const update = (bytes, id) => {
  isSame = isSame && id !== undefined && kept[count]?.id === id;
  if (isSame) {
    running = kept[count].hash;
  } else {
    // What is kept stays as it is, for the next file.
    running = running.copy().update(bytes);
    kept.length = count;
    kept.push({ id, hash: running });
  }
  count += 1;
};
const digest = () => {
  const hex = running.copy().digest('hex');
  running = createHash('sha256');
  count = 0;
  isSame = true;
  return hex;
};
const identify = (bytes) => {
  const mac = createCipheriv('aes-128-gcm', workerData, Buffer.alloc(12)).setAAD(bytes);
  mac.final();
  return mac.getAuthTag().toString('hex');
};
parentPort.on('message', ({ kind, memory, offset, length, id }) => {
  const bytes = memory === undefined ? undefined : new Uint8Array(memory, offset, length);
  let answer = '';
  if (kind === 'update') update(bytes, id);
  else if (kind === 'digest') answer = digest();
  else if (kind === 'identify') answer = identify(bytes);
  else answer = createHash('sha256').update(bytes).digest('hex');
  parentPort.postMessage(answer);
});
`;
