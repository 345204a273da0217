import { basename } from 'node:path';
import { ToolFailedError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** For what takes seconds: ten minutes, on a machine that is busy or slow. */
export const USUAL_LIMIT_MS = 10 * MINUTE_MS;

/**
 * How long a program may take where its work is long; some hundred times what it took on two x86-64 cores. A caller that
 * knows better says so (`ExecOptions.timeoutMs`).
 */
export const TIME_LIMITS_MS: Readonly<Record<string, number>> = {
  // A whole image is read or written, perhaps on a slow disk.
  cp: HOUR_MS,
  tar: HOUR_MS,
  debugfs: HOUR_MS,
  mke2fs: HOUR_MS,
  resize2fs: HOUR_MS,
  // At the highest level, or held up by a card that is written.
  xz: 12 * HOUR_MS,
  zstd: 12 * HOUR_MS,
  // libqmi is compiled.
  configure: HOUR_MS,
  make: 2 * HOUR_MS,
  meson: HOUR_MS,
  ninja: 2 * HOUR_MS,
  // The same with every instruction emulated.
  bwrap: 12 * HOUR_MS,
  // apt-get downloads; it gives up by itself where a server is silent for 30 s, four times (apt.conf(5)).
  'apt-get': HOUR_MS,
};

/** The limit of a program by its name, in milliseconds. */
export function findTimeLimit([program]: Argv): number {
  return TIME_LIMITS_MS[basename(program)] ?? USUAL_LIMIT_MS;
}

/** What became of a program that took longer. */
export function toTooSlow(program: string, timeoutMs: number, detail: string): ToolFailedError {
  return new ToolFailedError(`${program} did not finish within ${timeoutMs / 1000} s, and was ended`, {
    hint: 'run it again when the machine and its disk are less busy; where it takes as long again, what it was given makes it hang',
    detail,
  });
}
