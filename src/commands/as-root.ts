import { readVariable } from '../core/environment.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import type { Argv } from '../core/exec.ts';
import { getExitCode } from '../core/exit-codes.ts';
import { formatSudoCommand } from '../core/package.ts';
import { formatArgv, runAttached } from '../tools/exec.ts';

/** Whether this is root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Runs wwanpi as root, on this terminal, where sudo may ask for a password. The command is shown first.
 * @throws InterruptedError when it is interrupted, ToolFailedError when it fails; it has said why
 */
export async function runAsRoot(words: readonly string[]): Promise<void> {
  const [, ...rest] = formatSudoCommand(words);
  await runShown(['sudo', ...rest]);
}

/**
 * Installs Debian packages, as root or with sudo. The commands are shown first.
 * @throws as `runAsRoot` does
 */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  const steps: readonly Argv[] = [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-qq', '-y', '--no-install-recommends', ...packages],
  ];
  for (const argv of steps) await runShown(isRoot() ? argv : ['sudo', ...argv]);
}

async function runShown(argv: Argv): Promise<void> {
  process.stderr.write(`\n  ${formatArgv(argv)}\n\n`);
  const exitCode = await runAttached(argv, { TERM: readVariable('TERM') ?? 'dumb' }, { asks: true });
  if (exitCode === getExitCode('interrupted')) throw new InterruptedError('interrupted');
  if (exitCode !== 0) throw new ToolFailedError(`it ended with exit code ${exitCode}: ${formatArgv(argv)}`);
}
