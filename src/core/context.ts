import type { Exec } from './exec.ts';
import type { Reporter } from './reporter.ts';

/** What every step needs besides its inputs: how to run programs, where to report, where to keep files. */
export interface Context {
  readonly exec: Exec;
  readonly report: Reporter;
  /** Aborted on Ctrl-C and SIGTERM; every wait and child process listens to it. */
  readonly signal: AbortSignal;
  /** `$XDG_CACHE_HOME/wwanpi`: downloads, bases, sysroots, libqmi builds. Safe to delete at any time. */
  readonly cacheDir: string;
  /** A folder of this run alone, removed when it ends. */
  readonly tmpDir: string;
}
