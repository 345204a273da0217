import type { Exec } from './exec.ts';
import type { Reporter } from './reporter.ts';

/** What every step needs besides its inputs: how to run programs, whom to tell, where to keep things. */
export interface Context {
  readonly exec: Exec;
  readonly report: Reporter;
  /** Aborted on Ctrl-C and SIGTERM; every wait and child process listens to it. */
  readonly signal: AbortSignal;
  /** `$XDG_CACHE_HOME/wwanpi`: downloads, bases, sysroots, libqmi builds. Safe to delete at any time. */
  readonly cacheDir: string;
  /** `--require-updates`: no suite of Debian that is configured may be left out. */
  readonly requireUpdates?: boolean;
  /** A folder of this run alone, removed when it ends. */
  readonly tmpDir: string;
}
