/**
 * Large pieces of memory that are used again. Pieces that are allocated for each image cost more time of the garbage
 * collector than the work that is done with them.
 */
export interface MemoryPool {
  /** A piece with any content. */
  take(): Buffer;
  /** Gives a piece back that nobody uses any more. */
  give(memory: Buffer): void;
}

/** @param allocate makes a piece if none is free; no piece is freed before the process ends */
export function openMemoryPool(allocate: () => Buffer): MemoryPool {
  const free: Buffer[] = [];
  return {
    take: () => free.pop() ?? allocate(),
    give: (memory) => void free.push(memory),
  };
}
