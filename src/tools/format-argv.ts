import type { Argv } from '../core/exec.ts';

/** An argv as a person would type it; only for logs and messages, never run. */
export function formatArgv(argv: readonly string[]): string {
  return argv
    .map((arg) => (/^[\w@%+=:,./?-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** What was run and the ends of its outputs, for the detail of an error. */
export function describe(argv: Argv, stdout: string, stderr: string): string {
  return `$ ${formatArgv(argv)}\n${tail(stdout)}${tail(stderr)}`;
}

function tail(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-30);
  return lines.length === 1 && lines[0] === '' ? '' : `${lines.join('\n')}\n`;
}
