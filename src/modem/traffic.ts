/** What one direction has carried since the call began. */
export interface Carried {
  packets: number;
  bytes: number;
}

/** What the call has carried, from the host (`up`) and to it. */
export interface Traffic {
  readonly up: Carried;
  readonly down: Carried;
  reset(): void;
}

/** Counters at 0. */
export function createTraffic(): Traffic {
  const up = { packets: 0, bytes: 0 };
  const down = { packets: 0, bytes: 0 };
  return {
    up,
    down,
    reset() {
      for (const each of [up, down]) Object.assign(each, { packets: 0, bytes: 0 });
    },
  };
}

/** Counts one packet of that many bytes. */
export function count(carried: Carried, bytes: number): void {
  carried.packets += 1;
  carried.bytes += bytes;
}
