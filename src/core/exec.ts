/** A program and its arguments. Never a shell line. */
export type Argv = readonly [program: string, ...args: string[]];

/** How one program is to be run. */
export interface ExecOptions {
  readonly cwd?: string;
  /** Added to the clean environment (`baseEnv`). */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is otherwise empty. */
  readonly input?: string | Uint8Array;
  /** This file is standard input. */
  readonly inputFile?: string;
  /** Standard output goes to this file instead of memory. */
  readonly stdoutFile?: string;
  /** Both outputs, interleaved, are also appended to this file, also when the program fails. */
  readonly outputFile?: string;
  /** After this long it is ended; by default what fits the program (src/tools/time-limits.ts). */
  readonly timeoutMs?: number;
  /** Exit codes besides 0 that are an answer, not a failure; e2fsck and fsck.fat have some. */
  readonly okExitCodes?: readonly number[];
}

/** What a program said. `stdoutBytes` is the same as `stdout`, undecoded. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

/**
 * Runs one program to its end, which is wwanpi's own end at the latest.
 * @throws ToolMissingError when it is not installed, ToolFailedError on any other exit code or a timeout,
 *   InterruptedError when the run was stopped.
 */
export type Exec = (argv: Argv, options?: ExecOptions) => Promise<ExecResult>;
