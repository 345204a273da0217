import { setTimeout as sleep } from 'node:timers/promises';
import { ToolFailedError } from '../core/errors.ts';
import { parseProbeLine } from '../formats/probe-lines.ts';
import { addNamedPort, loadState, plugInRedirected } from '../tools/qemu-state.ts';
import { followFile } from './follow-file.ts';
import type { GuestClock } from './guest-clock.ts';
import { listProbeWords } from './kernel-words.ts';
import type { Scenario } from './scenario.ts';

/** A QEMU that was started with `stateSocket`, and what to do with it. */
export interface Resumption {
  readonly guest: GuestClock;
  /** Settles when QEMU has ended. */
  readonly exited: Promise<unknown>;
  readonly statePath: string;
  readonly stateSocket: string;
  readonly scenario: Scenario;
  /** The file that the guest's probe appends to. */
  readonly probePath: string;
  /** The sockets of the modems, by the ids that they get in QEMU. */
  readonly modems: Readonly<Record<string, string>>;
}

/** Of the guest's time: the probe looks every second or two, and then starts the supervisor again. */
const ANSWER_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** For QEMU to end after it has closed its sockets. */
const PATIENCE_MS = 2000;

/**
 * Lets a guest go on from its snapshot: it takes over what the scenario asks of its probe and its supervisor, and then
 * the modems are plugged in. Never settles but by an error; that QEMU has ended is for who watches it, as in every boot.
 * @throws ToolFailedError when QEMU or the guest does not do so
 */
export async function resume(resumption: Resumption): Promise<never> {
  try {
    await goOn(resumption);
  } catch (error) {
    const late = sleep(PATIENCE_MS, 'late', { ref: false });
    if ((await Promise.race([resumption.exited, late])) === 'late') throw error;
  }
  return new Promise(() => undefined);
}

async function goOn(resumption: Resumption): Promise<void> {
  const { guest, scenario, probePath } = resumption;
  await loadState(guest, resumption.statePath, resumption.stateSocket);
  await addNamedPort(guest, ['wwanpi.words', ...listProbeWords(scenario)].join(' '));
  await guest.order('cont');
  await waitForProbe(guest, probePath);
  for (const [id, socket] of Object.entries(resumption.modems)) await plugInRedirected(guest, id, socket);
}

/** The probe says when it has taken the words over. */
async function waitForProbe(guest: GuestClock, probePath: string): Promise<void> {
  const file = followFile(probePath);
  const limitMs = guest.clock.now() + ANSWER_MS;
  try {
    for (;;) {
      const lines = await file.readLines();
      if (lines.some((line) => parseProbeLine(line)?.kind === 'words')) return;
      if (guest.clock.now() > limitMs)
        throw new ToolFailedError('the guest does not go on from its snapshot');
      // Throws once QEMU has ended.
      await guest.order('query-status');
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    await file.close();
  }
}
