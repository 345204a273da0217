import { setTimeout as sleep } from 'node:timers/promises';

/**
 * As long as a test waits for anything: a busy machine is no reason to give up, so this ends only what will never come.
 * Also for `timeoutMs` of a program that is to end by itself.
 */
export const PATIENCE_MS = 600_000;

/**
 * Looks again and again until `condition` gives something, and gives that back. It is looked at once more when the time
 * is over: this process itself may have had none.
 * @param what is waited for, as the error is to name it: "the link /dev/wwan-qmi"
 * @throws Error when it has not come within `PATIENCE_MS`
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { everyMs = 20 }: { readonly everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + PATIENCE_MS;
  for (let isLast = false; ; isLast = performance.now() > end) {
    const found = await condition();
    if (found !== false && found !== undefined && found !== null) {
      return found as NonNullable<Exclude<T, false>>;
    }
    if (isLast) throw new Error(`waited ${PATIENCE_MS / 60_000} minutes for ${what}, which has not come`);
    await sleep(everyMs);
  }
}

/** Waits until the wall clock shows another time, to whole `stepMs`: FAT's stamps have steps of two seconds. */
export async function waitForNextTime(stepMs: number): Promise<void> {
  const step = () => Math.floor(Date.now() / stepMs);
  const before = step();
  await waitFor('another time on the clock', () => step() !== before);
}
