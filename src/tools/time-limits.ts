import { basename } from 'node:path';
import { ToolFailedError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** For programs that usually take seconds; enough on a busy or slow machine. */
export const USUAL_LIMIT_MS = 10 * MINUTE_MS;

/**
 * Limits of programs with long work: about a hundred times the time measured on two x86-64 cores. A caller can set another
 * one (`ExecOptions.timeoutMs`).
 */
export const TIME_LIMITS_MS: Readonly<Record<string, number>> = {
  // They read or write a whole image, perhaps on a slow disk.
  cp: HOUR_MS,
  tar: HOUR_MS,
  debugfs: HOUR_MS,
  mke2fs: HOUR_MS,
  resize2fs: HOUR_MS,
  // At the highest level, or waiting for a slow card.
  xz: 12 * HOUR_MS,
  zstd: 12 * HOUR_MS,
  // They compile libqmi.
  configure: HOUR_MS,
  make: 2 * HOUR_MS,
  meson: HOUR_MS,
  ninja: 2 * HOUR_MS,
  // Compiles libqmi with every instruction emulated.
  bwrap: 12 * HOUR_MS,
  // Installs a system with most instructions emulated.
  mmdebstrap: 6 * HOUR_MS,
  // Downloads. It also stops by itself: a server may be silent for 30 s, four times; it ends a
  // file that is larger than the signed list says, and a Release file above 10 MB (apt.conf(5)).
  'apt-get': HOUR_MS,
};

/** The limit of a program by its name, in milliseconds. */
export function findTimeLimit([program]: Argv): number {
  return TIME_LIMITS_MS[basename(program)] ?? USUAL_LIMIT_MS;
}

/** The error for a program that exceeded its limit. */
export function toTooSlow(program: string, timeoutMs: number, detail: string): ToolFailedError {
  return new ToolFailedError(`${program} did not finish within ${timeoutMs / 1000} s and was stopped`, {
    hint: 'run the command again when the machine is less busy; if it happens again, the input makes the program hang',
    detail,
  });
}
