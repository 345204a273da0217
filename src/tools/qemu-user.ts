import { ToolMissingError } from '../core/errors.ts';
import type { Exec, ExecResult } from '../core/exec.ts';

/** How to run an ARM program on this host. */
export interface ArmOptions {
  /** A name of qemu-arm -cpu help: `arm1176`. */
  readonly cpu: string;
  /** The folder that is searched first for the program's interpreter and libraries. */
  readonly root: string;
  /** Searched before `root`'s libraries. */
  readonly libraryFolder: string;
}

/**
 * Runs an ARM Linux program under QEMU's user-mode emulation. The program is the one of Debian's
 * qemu-user-static; the package qemu-user calls it otherwise.
 */
export async function runArm(
  exec: Exec,
  options: ArmOptions,
  argv: readonly [string, ...string[]],
): Promise<ExecResult> {
  const args = ['-cpu', options.cpu, '-L', options.root, '-E', `LD_LIBRARY_PATH=${options.libraryFolder}`];
  try {
    return await exec(['qemu-arm-static', ...args, ...argv], { timeoutMs: 60_000 });
  } catch (error) {
    if (!(error instanceof ToolMissingError)) throw error;
    return exec(['qemu-arm', ...args, ...argv], { timeoutMs: 60_000 });
  }
}
