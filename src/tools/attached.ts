import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { execa, execaSync } from 'execa';
import { readVariable } from '../core/environment.ts';
import type { Argv } from '../core/exec.ts';
import { baseEnv } from './child-env.ts';

/**
 * Switches the echo of keys that are typed on standard input. Nothing happens where that is no terminal, where there is no
 * stty, or where wwanpi runs in the background: the kernel would stop it (tcsetattr(3), SIGTTOU). Node.js restores the
 * terminal's own modes when it exits.
 */
export function setEcho(echo: 'on' | 'off'): void {
  if (!isatty(0) || !isInForeground()) return;
  execaSync('stty', [echo === 'on' ? 'echo' : '-echo'], {
    stdin: 'inherit',
    stdout: 'ignore',
    stderr: 'ignore',
    env: baseEnv(),
    extendEnv: false,
    timeout: 2000,
    reject: false,
  });
}

/** A pager and its arguments: PAGER, split at spaces and without a shell; `cat` is none. */
export function findPager(): Argv | undefined {
  const words = readVariable('PAGER') ?? 'less';
  const [program = 'cat', ...args] = words.split(/\s+/).filter((word) => word !== '');
  return basename(program) === 'cat' ? undefined : [program, ...args];
}

/**
 * Shows a text in a pager until the user ends it. Less gets the options that git gives it, unless LESS says others: end at
 * once if all fits (F), pass colours on (R), and leave the text on the screen (X).
 * @returns false if the pager does not start
 */
export async function showInPager([program, ...args]: Argv, text: string): Promise<boolean> {
  // Ctrl-C is the pager's: less stops its search, and does not end.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    const { code } = await execa(program, args, {
      input: text,
      stdout: 'inherit',
      stderr: 'inherit',
      env: {
        ...baseEnv(),
        TERM: readVariable('TERM') ?? 'dumb',
        LESS: readVariable('LESS') ?? 'FRX',
      },
      extendEnv: false,
      reject: false,
    });
    return code !== 'ENOENT' && code !== 'EACCES';
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** Whether this process group owns its terminal: proc(5), /proc/pid/stat, fields 5 and 8. */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The second field, the program's name in brackets, may hold anything.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return false;
  }
}
