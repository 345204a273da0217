import { ProtocolError } from './codec.ts';

/** A bulk IN request of the guest that waits for data. */
export interface PendingIn {
  readonly id: bigint;
  readonly length: number;
  readonly stream: number;
}

/** The outcome of a pending request. */
export type InOutcome = { readonly data: Buffer } | 'stall' | 'cancelled';

/**
 * Bulk IN endpoints: matches the guest's requests and the device's buffers, first come, first served.
 * One buffer answers one request, so frames are not merged. A buffer that is longer than the request
 * continues in the next one.
 */
export interface Transfers {
  request(endpoint: number, pending: PendingIn): void;
  /** False if too much is queued already; the data is lost then. */
  send(endpoint: number, data: Buffer): boolean;
  cancel(id: bigint): void;
  halt(endpoint: number): void;
  clearHalt(endpoint: number): void;
  isHalted(endpoint: number): boolean;
  flush(endpoint: number): void;
  /** Forgets everything; nothing is answered. */
  clear(): void;
}

/** More requests than any driver has pending. */
export const MAX_PENDING = 1024;
/** The limit on data queued for a guest that does not read: about a second of a busy link. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
const MAX_QUEUED = 2048;

interface Queue {
  pending: PendingIn[];
  data: Buffer[];
  bytes: number;
  halted: boolean;
}

export function createTransfers(
  answer: (endpoint: number, pending: PendingIn, outcome: InOutcome) => void,
): Transfers {
  const queues = new Map<number, Queue>();

  function getQueue(endpoint: number): Queue {
    let queue = queues.get(endpoint);
    if (queue === undefined) {
      queue = { pending: [], data: [], bytes: 0, halted: false };
      queues.set(endpoint, queue);
    }
    return queue;
  }

  function match(endpoint: number, queue: Queue) {
    for (;;) {
      const pending = queue.pending[0];
      if (pending === undefined) return;
      if (queue.halted) {
        queue.pending.shift();
        answer(endpoint, pending, 'stall');
        continue;
      }
      const next = queue.data[0];
      if (next === undefined) return;
      queue.pending.shift();
      const part = next.subarray(0, pending.length);
      if (part.length < next.length) queue.data[0] = next.subarray(part.length);
      else queue.data.shift();
      queue.bytes -= part.length;
      answer(endpoint, pending, { data: part });
    }
  }

  return {
    request(endpoint, pending) {
      const queue = getQueue(endpoint);
      if (queue.pending.length >= MAX_PENDING) {
        throw new ProtocolError(`more than ${MAX_PENDING} requests pending`);
      }
      queue.pending.push(pending);
      match(endpoint, queue);
    },
    send(endpoint, data) {
      const queue = getQueue(endpoint);
      if (queue.data.length >= MAX_QUEUED || queue.bytes + data.length > MAX_QUEUED_BYTES) return false;
      queue.data.push(data);
      queue.bytes += data.length;
      match(endpoint, queue);
      return true;
    },
    cancel(id) {
      for (const [endpoint, queue] of queues) {
        const at = queue.pending.findIndex((pending) => pending.id === id);
        const [pending] = at < 0 ? [] : queue.pending.splice(at, 1);
        if (pending !== undefined) return answer(endpoint, pending, 'cancelled');
      }
    },
    halt(endpoint) {
      const queue = getQueue(endpoint);
      queue.halted = true;
      match(endpoint, queue);
    },
    clearHalt(endpoint) {
      const queue = getQueue(endpoint);
      queue.halted = false;
      match(endpoint, queue);
    },
    isHalted: (endpoint) => queues.get(endpoint)?.halted ?? false,
    flush(endpoint) {
      const queue = getQueue(endpoint);
      queue.data = [];
      queue.bytes = 0;
    },
    clear: () => queues.clear(),
  };
}
