import { appendFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { PassThrough, pipeline } from 'node:stream';
import { ExecaError, execa } from 'execa';
import { InterruptedError, NO_SPACE_HINT, ToolFailedError } from '../core/errors.ts';
import type { Argv, Exec, ExecOptions } from '../core/exec.ts';
import { baseEnv } from './child-env.ts';
import { dieWithParent, findUnstarted, isInstalled, toMissing } from './die-with-parent.ts';
import { readLines } from './read-lines.ts';
import { findTimeLimit, toTooSlow } from './time-limits.ts';

/** A program that runs beside the build: QEMU in a boot test. */
export interface RunningProcess {
  /** Its process id; undefined if it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessEnd>;
  /** Ends it: SIGTERM, then SIGKILL after two seconds. Safe to call twice. */
  stop(): Promise<void>;
}

/** How a process ended: an exit code or a signal, and its standard error. */
export interface ProcessEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stderr: string;
}

/** Starts one program in the background. It ends with wwanpi, even if wwanpi is killed. */
export function startProcess(
  argv: Argv,
  options: { signal: AbortSignal; env?: Record<string, string> },
): RunningProcess {
  const [program, ...args] = dieWithParent(argv);
  const child = execa(program, args, {
    env: { ...baseEnv(), ...options.env },
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'ignore',
    cancelSignal: options.signal,
    forceKillAfterDelay: 2000,
    reject: false,
  });
  const exited = child.then((result) => ({
    exitCode: result.code === 'ENOENT' ? 127 : result.exitCode,
    signal: result.signal,
    stderr: result.stderr,
  }));
  return {
    pid: child.pid,
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/**
 * Runs one program that writes directly to wwanpi's own output; its standard input is empty. SIGINT, SIGTERM and
 * SIGHUP are passed on to it, and wwanpi waits until it has cleaned up. If wwanpi is killed, it gets SIGTERM. It has no
 * time limit: it is a wwanpi in a container or of sudo, and the programs in there have limits.
 * @param options.asks the program asks on this terminal, as sudo does: it gets standard input, and Ctrl-C from the
 *   terminal itself, so no signal is passed on
 * @returns its exit code, as a shell gives it: 128 and the number of a signal that ended it
 * @throws ToolMissingError when it is not installed
 */
export async function runAttached(
  argv: Argv,
  env: Readonly<Record<string, string>>,
  { asks = false } = {},
): Promise<number> {
  const [program, ...args] = asks ? argv : dieWithParent(argv, 'TERM');
  const handOn = (signal: NodeJS.Signals): void => {
    if (!asks) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  // Before the start: a signal that comes during the start would otherwise end wwanpi alone.
  for (const signal of signals) process.on(signal, handOn);
  const child = execa(program, args, {
    env: { ...baseEnv(), ...env },
    extendEnv: false,
    stdio: [asks ? 'inherit' : 'ignore', 'inherit', 'inherit'],
    reject: false,
  });
  try {
    const result = await child;
    // Docker and Podman have 127 too, for a command that the container lacks.
    const gone = result.exitCode === 127 && !isInstalled(argv[0], baseEnv().PATH ?? '');
    if (result.code === 'ENOENT' || gone) throw toMissing(argv[0]);
    return result.exitCode ?? 128 + signalNumber(result.signal);
  } finally {
    for (const signal of signals) process.off(signal, handOn);
  }
}

/**
 * Runs one program and passes its output to `consume` as it comes. At most a pipe's buffer is in memory, so a slow
 * reader slows the program down. The program has ended when this returns.
 * @throws any error of `consume`, which ends the program; otherwise as `Exec` does
 */
export async function readOutput<T>(
  argv: Argv,
  signal: AbortSignal,
  consume: (output: AsyncIterable<Uint8Array>) => Promise<T>,
  { timeoutMs = findTimeLimit(argv) }: { timeoutMs?: number } = {},
): Promise<T> {
  const [program, ...args] = dieWithParent(argv);
  const child = execa(program, args, {
    env: baseEnv(),
    extendEnv: false,
    timeout: timeoutMs,
    stdin: 'ignore',
    buffer: { stdout: false },
    encoding: 'buffer',
    cancelSignal: signal,
    forceKillAfterDelay: 2000,
    reject: false,
  });
  // execa 9, and Node at the program's exit, drop what comes before the first read, so the pipe is read from the start.
  const output = new PassThrough();
  pipeline(child.stdout, output, () => undefined);
  let result: T;
  try {
    result = await consume(untilEnd(output));
  } catch (error) {
    child.kill();
    output.destroy();
    await child;
    if (signal.aborted) throw new InterruptedError('interrupted');
    throw error;
  }
  return result;

  /** Throws at the end of the output if the program failed. */
  async function* untilEnd(stdout: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    yield* stdout;
    const { code, exitCode, stderr, isCanceled, timedOut, signal: killedBy } = await child;
    if (isCanceled || signal.aborted) throw new InterruptedError('interrupted');
    const said = decode(stderr);
    if ((code === 'ENOENT' && exitCode === undefined) || findUnstarted(exitCode, said) === 'missing') {
      throw toMissing(argv[0]);
    }
    if (timedOut) throw toTooSlow(argv[0], timeoutMs, describe(argv, '', said));
    if (exitCode === 0) return;
    const why = killedBy === undefined ? `exit code ${exitCode}` : `signal ${killedBy}`;
    throw new ToolFailedError(`${argv[0]} failed with ${why}`, { detail: describe(argv, '', said) });
  }
}

/**
 * Runs the programs of a command. Child output goes to `log`; `signal` ends the children with the run, the kernel where
 * wwanpi is killed outright, and a time limit each (time-limits.ts).
 */
export function createExec(options: { signal: AbortSignal; log?: (text: string) => void }): Exec {
  const log = options.log ?? (() => undefined);
  return async (argv, run = {}) => {
    const name = argv[0];
    const [program, ...args] = dieWithParent(argv);
    const timeoutMs = run.timeoutMs ?? findTimeLimit(argv);
    log(`+ ${formatArgv(argv)}\n`);
    try {
      const child = execa(program, args, {
        cwd: run.cwd,
        env: { ...baseEnv(), ...run.env },
        extendEnv: false,
        ...getInput(run),
        ...(run.stdoutFile === undefined
          ? {}
          : // Without `buffer: false`, execa would keep the output in memory too, and fail at 512 MiB.
            { stdout: { file: run.stdoutFile }, buffer: { stdout: false, stderr: true } }),
        timeout: timeoutMs,
        ...(run.outputFile === undefined ? {} : { all: true as const }),
        cancelSignal: options.signal,
        encoding: 'buffer',
        maxBuffer: run.maxOutputBytes ?? 512 * 1024 * 1024,
        stripFinalNewline: false,
        reject: false,
      });
      if (run.onLine !== undefined) readLines([child.stdout, child.stderr], run.onLine);
      const result = await child;
      const stdoutBytes = result.stdout instanceof Uint8Array ? result.stdout : new Uint8Array();
      if (result.isMaxBuffer && !options.signal.aborted) {
        const stdoutText = decode(stdoutBytes);
        throw new ToolFailedError(`${argv[0]} prints without end, and was ended`, {
          detail: describe(argv, stdoutText.slice(0, 2000), ''),
        });
      }
      const stdout = decode(stdoutBytes);
      const stderr = decode(result.stderr);
      log(stdout.length > 65_536 ? `[${stdout.length} characters of output]\n` : stdout);
      log(stderr);
      if (run.outputFile !== undefined) await appendOutput(run.outputFile, argv, result.all);
      if (result.isCanceled || options.signal.aborted) throw new InterruptedError('interrupted');
      if (result.code === 'ENOENT' && result.exitCode === undefined) throw toMissing(name, run.cwd);
      if (result.timedOut) throw toTooSlow(name, timeoutMs, describe(argv, stdout, stderr));
      const exitCode = result.exitCode ?? 128 + signalNumber(result.signal);
      const unstarted = findUnstarted(exitCode, stderr);
      if (unstarted === 'missing') throw toMissing(name);
      if (unstarted === 'refused') {
        throw new ToolFailedError(`${name} could not be started`, { detail: describe(argv, '', stderr) });
      }
      if (exitCode !== 0 && !(run.okExitCodes ?? []).includes(exitCode)) {
        const why = result.signal === undefined ? `exit code ${exitCode}` : `signal ${result.signal}`;
        throw new ToolFailedError(`${name} failed with ${why}`, {
          ...(/No space left on device|[Dd]isk quota exceeded/.test(stderr) ? { hint: NO_SPACE_HINT } : {}),
          detail: describe(argv, stdout, stderr),
        });
      }
      return { exitCode, stdout, stdoutBytes, stderr };
    } catch (error) {
      if (error instanceof ExecaError && options.signal.aborted) throw new InterruptedError('interrupted');
      throw error;
    }
  };
}

/** An argv as a person would type it; only for logs and messages, never run. */
export function formatArgv(argv: readonly string[]): string {
  return argv
    .map((arg) => (/^[\w@%+=:,./?-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

async function appendOutput(path: string, argv: Argv, output: unknown): Promise<void> {
  await appendFile(path, `$ ${formatArgv(argv)}\n${decode(output)}`);
}

function getInput({ input, inputFile }: ExecOptions) {
  if (inputFile !== undefined) return { stdin: { file: inputFile } };
  return input === undefined ? { stdin: 'ignore' as const } : { input };
}

function describe(argv: Argv, stdout: string, stderr: string): string {
  return `$ ${formatArgv(argv)}\n${tail(stdout)}${tail(stderr)}`;
}

function tail(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-30).map(cutLine);
  return lines.length === 1 && lines[0] === '' ? '' : `${lines.join('\n')}\n`;
}

/** apt repeats what it says of a file that is too long for each piece of it. */
function cutLine(line: string): string {
  return line.length > 1000 ? `${line.slice(0, 1000)}…` : line;
}

function signalNumber(signal: string | undefined): number {
  return signal === undefined ? 0 : (constants.signals[signal as NodeJS.Signals] ?? 0);
}

function decode(bytes: unknown): string {
  return bytes instanceof Uint8Array
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
    : '';
}
