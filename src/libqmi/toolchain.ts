import type { TargetProfile } from '../base/targets.ts';
import type { Argv } from '../core/exec.ts';
import type { Disk, InputRecord } from '../core/model.ts';
import type { LibqmiSource } from './fetch-libqmi-source.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/** Everything that libqmi is compiled from. */
export interface CompileInputs {
  readonly source: LibqmiSource;
  /** The base, which the base's own compiler needs; undefined where it is still being built. */
  readonly disk: Disk | undefined;
  /** The base's libraries, and headers that fit them. */
  readonly sysroot: Sysroot;
  readonly target: TargetProfile;
}

/** One command of a build and the folder it runs in. */
export interface BuildCommand {
  readonly argv: Argv;
  readonly cwd: string;
}

/** A build that is ready to run. */
export interface ReadyBuild {
  readonly commands: readonly BuildCommand[];
  /**
   * Runs one of them.
   * @param log the file that gets its output
   * @param onLine as in `ExecOptions`
   * @throws ToolFailedError
   */
  readonly run: (command: BuildCommand, log: string, onLine?: (line: string) => void) => Promise<unknown>;
}

/** A compiler for a target. */
export interface Toolchain {
  /** Completes the report "libqmi compile: ARMv6 with VFPv2…"; empty for clang. */
  readonly label: string;
  /** Everything except the target's name that affects the result. */
  readonly key: readonly unknown[];
  /** The downloads for it. */
  readonly inputs: readonly InputRecord[];
  /**
   * Prepares a build.
   * @param work has the folders `source`, `build`, `install` and `tools`, and `python` in `tools`
   * @param scratch a folder with room for a whole base, removed after the last command
   */
  readonly open: (work: string, scratch: string) => Promise<ReadyBuild>;
}
