import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';

/** What one run on a terminal showed; standard output and error are one there. */
export interface TerminalResult {
  readonly exitCode: number | null;
  readonly screen: string;
}

/**
 * Runs the built CLI on a pseudo-terminal, by script(1) of util-linux.
 * @param answer called with all that is on the screen, each time more comes; types what it returns
 */
export async function runOnTerminal(
  args: readonly string[],
  answer: (screen: string) => string | undefined,
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<TerminalResult> {
  const cli = join(packageRoot, 'dist/src/cli.js');
  const line = [process.execPath, cli, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // What was typed is seen on the screen or not at all; script may be gone before it has read it.
  child.stdin.on('error', () => undefined);
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const typed = answer(screen);
    if (typed !== undefined) child.stdin.write(typed);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { exitCode, screen };
}
