import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Clock, createDrivenClock } from '../modem/clock.ts';
import { toGuestMs } from '../tools/qemu.ts';
import { listenForQmp, type Qmp } from '../tools/qmp.ts';

/**
 * The guest's time as QEMU counts it, from power-on. It stops while the guest does not run, so the modem's timers, the
 * network's leases and every bound of a boot test mean the same on a fast host, a slow one and a busy one.
 */
export interface GuestClock {
  readonly clock: Clock;
  /** Ends the clock; safe to call twice. Timers that are still open never run. */
  close(): Promise<void>;
}

/** On an idle host the guest runs at most three times as fast as the host, so a timer is at most 30 ms late. */
const ASK_EVERY_MS = 10;

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
  const following = follow(qmp, clock.advanceTo);
  return {
    clock,
    async close() {
      await qmp.close();
      await following;
    },
  };
}

async function follow(qmp: Qmp, advanceTo: (ms: number) => void): Promise<void> {
  for (;;) {
    const answer = answerSchema.safeParse(await qmp.ask('query-replay'));
    if (!answer.success) return;
    advanceTo(toGuestMs(answer.data.icount));
    await sleep(ASK_EVERY_MS);
  }
}
