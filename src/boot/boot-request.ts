import type { BootRecord } from './boot-record.ts';
import type { Verdict } from './evaluate-boot.ts';
import type { HostUse } from './host-watch.ts';
import type { BootTest, MilestoneResult, MilestoneResults } from './milestone-result.ts';
import type { GuestKernel } from './prepare-guest-kernel.ts';
import type { Milestone } from './scenario.ts';

/** One boot of one image. */
export interface BootRequest extends BootTest {
  readonly diskPath: string;
  /** Number of the root partition. */
  readonly rootPartition: number;
  /** The image's own kernel command line; what concerns the machine is replaced. */
  readonly commandLine: string;
  readonly kernel: GuestKernel;
  readonly initrdPath: string;
  /** Of the guest's time, from power-on. */
  readonly timeoutMs: number;
  /** Of real time: a guest that is not done by then runs on a machine that is too busy for it. */
  readonly wallTimeoutMs: number;
  /** The power is cut then, in the guest's time since power-on, and that is the end of it; what was written stays in the file. */
  readonly cutPowerAtMs?: number;
  /** What the guest writes stays in the file: it is a copy. */
  readonly keepWrites?: boolean;
  /** Folder of console.log, probe.log and events.jsonl; must be there. */
  readonly logFolder: string;
  /** Told as each milestone is met or fails. */
  readonly onFinding?: (name: Milestone, finding: MilestoneResult) => void;
  readonly onConsole?: (line: string) => void;
  /** Told about once a second what is being waited for. */
  readonly onWait?: (wait: Wait) => void;
}

/** What a boot is waiting for. */
export interface Wait {
  readonly milestone: Milestone;
  /** The guest's time since power-on, and how much of it there may be. */
  readonly guestMs: number;
  readonly limitMs: number;
  readonly host: HostUse;
}

/** How it went. */
export interface BootOutcome {
  readonly verdict: Verdict;
  readonly findings: MilestoneResults;
  readonly record: BootRecord;
  readonly host: HostUse;
}
