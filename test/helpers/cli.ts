import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BugError } from '../../src/core/errors.ts';
import { packageRoot } from '../../src/core/package.ts';

/** What one run of the built command did. */
export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Numeric user and group to run as; needs root. */
  readonly uid?: number;
  /** Words before the command, such as a program that runs it elsewhere. */
  readonly wrapper?: readonly string[];
  /** Called once it runs, with a way to send the process a signal. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => unknown;
  /** Called with each piece of standard error, and a way to send the process a signal. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the built CLI, as a user would, with no standard input. `make test` builds it first. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const cli = join(packageRoot, 'dist/src/cli.js');
  if (!existsSync(cli)) throw new BugError('dist/src/cli.js is not built: npm run build');
  const [program = '', ...words] = [...(options.wrapper ?? []), process.execPath, cli, ...args];
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  options.onStart?.((signal) => child.kill(signal));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(text, (signal) => child.kill(signal));
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { exitCode, stdout, stderr };
}
