/** A program and its arguments; never a line for a shell. */
export type Argv = readonly [program: string, ...args: string[]];

/** How to run one program. */
export interface ExecOptions {
  readonly cwd?: string;
  /** Added to the clean environment (`baseEnv`). */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is otherwise empty. */
  readonly input?: string | Uint8Array;
  /** A file to read standard input from. */
  readonly inputFile?: string;
  /** Standard output goes to this file instead of memory. */
  readonly stdoutFile?: string;
  /** Both outputs, interleaved, are also appended to this file, also when the program fails. */
  readonly outputFile?: string;
  /** Told each line of both outputs as it comes: how far the program is. Must not throw. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Time limit; the default depends on the program (src/tools/time-limits.ts). */
  readonly timeoutMs?: number;
  /** What it may print on each output; 512 MiB where nothing is said. */
  readonly maxOutputBytes?: number;
  /** Exit codes besides 0 that are an answer, not a failure; e2fsck and fsck.fat have some. */
  readonly okExitCodes?: readonly number[];
}

/** The output of a program. `stdoutBytes` is `stdout` undecoded. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

/**
 * Runs one program to its end. It ends with wwanpi, even if wwanpi is killed.
 * @throws ToolMissingError when it is not installed, ToolFailedError on any other exit code, a timeout or too much
 *   output, InterruptedError when the run was stopped.
 */
export type Exec = (argv: Argv, options?: ExecOptions) => Promise<ExecResult>;
