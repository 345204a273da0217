import type { Clock } from '../modem/clock.ts';
import { readProcessorMs } from '../tools/processor-time.ts';

/** How much of the host the guest got. */
export interface HostUse {
  /** Real time since the guest was started. */
  readonly wallMs: number;
  /** The guest's share of one processor, 0 to 1. */
  readonly processorShare: number;
}

/** Watches the host while a guest runs. */
export interface HostWatch {
  measure(): Promise<HostUse>;
  /**
   * Why the host is too busy for a verdict: the guest's clock did not move for `STALL_MS`, or the wall-clock limit is
   * over. Undefined while neither is so.
   */
  findStall(): Promise<string | undefined>;
}

/** A guest whose clock has not moved for this long gets no processor at all. */
const STALL_MS = 600_000;
/** Fewer instructions than one look of the probe takes. */
const PROGRESS_MS = 50;

/**
 * @param pid QEMU's process
 * @param wallLimitMs of real time, for the whole boot
 */
export function watchHost(clock: Clock, pid: number | undefined, wallLimitMs: number): HostWatch {
  const startMs = performance.now();
  let movedAtMs = startMs;
  const beganMs = clock.now();
  let guestMs = beganMs;
  const measure = async (): Promise<HostUse> => {
    const wallMs = performance.now() - startMs;
    return { wallMs, processorShare: wallMs === 0 ? 0 : (await readProcessorMs(pid)) / wallMs };
  };
  return {
    measure,
    async findStall() {
      const nowMs = performance.now();
      if (clock.now() - guestMs >= PROGRESS_MS) {
        guestMs = clock.now();
        movedAtMs = nowMs;
      }
      if (nowMs - startMs < wallLimitMs && nowMs - movedAtMs < STALL_MS) return undefined;
      const { wallMs, processorShare } = await measure();
      const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;
      return (
        `this machine is too busy: the guest got ${(processorShare * 100).toFixed(0)} % of a processor, ` +
        `and lived through ${seconds(clock.now() - beganMs)} in ${seconds(wallMs)}`
      );
    },
  };
}
