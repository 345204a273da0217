import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Clock, createDrivenClock } from '../modem/clock.ts';
import type { RunningProcess } from '../tools/exec.ts';
import { toGuestMs } from '../tools/qemu.ts';
import { listenForQmp, type Qmp } from '../tools/qmp.ts';

/**
 * The guest's time as QEMU counts it, from power-on. It stops while the guest does not run, so the modem's timers, the
 * network's leases and every bound of a boot test mean the same on a fast host, a slow one and a busy one.
 */
export interface GuestClock {
  readonly clock: Clock;
  /** Resolves when the guest has powered off or reset; see `endAfterShutdown`. */
  readonly shutDown: Promise<void>;
  /** Tells the clock at once where the time of a guest begins that goes on from a snapshot. */
  readonly advanceTo: (ms: number) => void;
  /**
   * Advances the clock to what the guest has executed by now, so that nothing the guest has written so far is later than
   * the clock. On a busy host the clock is behind otherwise. Waits a second of real time at most.
   */
  readonly catchUp: () => Promise<void>;
  /** Sends QEMU a command that has to succeed; see `Qmp`. */
  readonly order: Qmp['order'];
  /** Ends the clock; safe to call twice. Timers that are still open never run. */
  close(): Promise<void>;
}

/** On an idle host the guest runs at most three times as fast as the host, so a timer is at most 30 ms late. */
const ASK_EVERY_MS = 10;

const CATCH_UP_MS = 1000;

const answerSchema = z.object({ icount: z.number().nonnegative() });

/**
 * Follows the clock of a QEMU that is about to be started with `qmpSocket` (`qemuArgv`).
 * `query-replay` tells the instructions executed so far (qapi/replay.json). It is the guest's whole time only where
 * the guest never stops its processor: see `GUEST_CLOCK_WORDS`.
 * @throws InputError when the socket's path is not usable
 */
export async function startGuestClock(qmpSocket: string): Promise<GuestClock> {
  const qmp = await listenForQmp(qmpSocket);
  const clock = createDrivenClock();
  const look = async (): Promise<boolean> => {
    const answer = answerSchema.safeParse(await qmp.ask('query-replay'));
    if (answer.success) clock.advanceTo(toGuestMs(answer.data.icount));
    return answer.success;
  };
  const following = follow(look);
  return {
    clock,
    shutDown: qmp.shutDown,
    advanceTo: clock.advanceTo,
    async catchUp() {
      await Promise.race([look(), sleep(CATCH_UP_MS, undefined, { ref: false })]);
    },
    order: qmp.order,
    async close() {
      await qmp.close();
      await following;
    },
  };
}

/**
 * Ends a QEMU that hangs after its guest has powered off. QEMU 7.2 does so now and then on a busy host, if a QMP command
 * comes while it cleans up: `monitor_cleanup` waits for a coroutine that nobody wakes. The guest's writes are in the
 * files by then.
 * @param patienceMs real time that QEMU gets to end by itself
 */
export async function endAfterShutdown(
  qemu: RunningProcess,
  shutDown: Promise<void>,
  patienceMs = 30_000,
): Promise<void> {
  await shutDown;
  const patience = new AbortController();
  const late = sleep(patienceMs, 'late', { signal: patience.signal }).catch(() => 'ended');
  const first = await Promise.race([late, qemu.exited.then(() => 'ended')]);
  patience.abort();
  if (first === 'late') await qemu.stop();
}

async function follow(look: () => Promise<boolean>): Promise<void> {
  while (await look()) await sleep(ASK_EVERY_MS);
}
