import { accessSync, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ToolMissingError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';

/**
 * The same program, ended by the kernel when wwanpi is gone, however that went: setpriv(1) of util-linux sets
 * PR_SET_PDEATHSIG (prctl(2)) and becomes the program. Where there is no such setpriv (not Linux, a very small
 * container) it is started as it is.
 * @param signal what it gets: KILL, or TERM where it has others to end
 */
export function dieWithParent(argv: Argv, signal: 'KILL' | 'TERM' = 'KILL'): Argv {
  return hasSetpriv() ? ['setpriv', '--pdeathsig', signal, '--', ...argv] : argv;
}

/**
 * Whether setpriv could not become the program, by what it then says: 127 where there is none, 126 where it may not
 * be run (execve(2) in util-linux's include/exec_shell.h, errexec).
 */
export function findUnstarted(
  exitCode: number | undefined,
  stderr: string,
): 'missing' | 'refused' | undefined {
  if (exitCode !== 126 && exitCode !== 127) return undefined;
  if (!/^setpriv: failed to execute /m.test(stderr)) return undefined;
  return exitCode === 127 ? 'missing' : 'refused';
}

/** What a program that is not there is told as; a folder to run it in that is gone looks the same. */
export function toMissing(program: string, cwd?: string): ToolMissingError {
  return new ToolMissingError(
    `${program} is not installed${cwd === undefined ? '' : ` (or ${cwd} is gone)`}`,
    { hint: 'wwanpi doctor names the package each program comes from' },
  );
}

/** Whether there is such a program, for one whose last words went by unseen. */
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

/** Not a link: that is BusyBox's, which has no --pdeathsig. */
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
