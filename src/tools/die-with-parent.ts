import { accessSync, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ToolMissingError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';

/**
 * Makes the kernel end a program when wwanpi ends, even if wwanpi is killed: setpriv(1) of util-linux sets
 * PR_SET_PDEATHSIG (prctl(2)) and then runs the program. Without util-linux (not Linux, a very small container) the
 * program is unchanged.
 * @param signal sent at wwanpi's end: KILL, or TERM for a program that has to end others
 */
export function dieWithParent(argv: Argv, signal: 'KILL' | 'TERM' = 'KILL'): Argv {
  return hasSetpriv() ? ['setpriv', '--pdeathsig', signal, '--', ...argv] : argv;
}

/**
 * Finds out from exit code and message whether setpriv failed to run the program: 127 if it does not exist, 126 for any
 * other reason (util-linux, include/c.h, errexec).
 */
export function findUnstarted(
  exitCode: number | undefined,
  stderr: string,
): 'missing' | 'refused' | undefined {
  if (exitCode !== 126 && exitCode !== 127) return undefined;
  if (!/^setpriv: failed to execute /m.test(stderr)) return undefined;
  return exitCode === 127 ? 'missing' : 'refused';
}

/** The error for a program that does not exist; a missing working folder looks the same. */
export function toMissing(program: string, cwd?: string): ToolMissingError {
  return new ToolMissingError(
    `${program} is not installed${cwd === undefined ? '' : ` (or ${cwd} is gone)`}`,
    { hint: 'wwanpi doctor names the package each program comes from' },
  );
}

/** Whether a program exists, for one whose standard error was not captured. */
export function isInstalled(program: string, path: string): boolean {
  const folders = program.includes('/') ? [''] : path.split(':');
  return folders.some((folder) => isExecutable(folder === '' ? program : join(folder, program)));
}

let known: boolean | undefined;

function hasSetpriv(): boolean {
  known ??= process.platform === 'linux' && SETPRIV.some((path) => isFile(path) && isExecutable(path));
  return known;
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

/** False for a link to BusyBox, whose setpriv has no --pdeathsig. */
function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
