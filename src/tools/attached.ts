import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { execaSync } from 'execa';
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
