import type { EarlierTimes } from './recorder.ts';

/** A guest that has booted without a modem and waits for one: what is needed to let it go on, again and again. */
export interface Snapshot {
  /** Its disk at that moment; not to be written to. */
  readonly diskPath: string;
  /** Its memory and devices, for `loadState`. */
  readonly statePath: string;
  /** What it has said so far. */
  readonly consolePath: string;
  readonly probePath: string;
  readonly times: EarlierTimes;
}

/** The files of a snapshot in its folder. */
export const SNAPSHOT_FILES = {
  disk: 'disk.img',
  state: 'state',
  console: 'console.log',
  probe: 'probe.log',
  times: 'times.json',
} as const;
