import type { Disk } from '../core/model.ts';
import type { BootRecord } from './boot-record.ts';
import type { Verdict } from './evaluate-boot.ts';
import type { HostUse } from './host-watch.ts';
import type { BootTest, MilestoneResult, MilestoneResults } from './milestone-result.ts';
import type { GuestKernel } from './prepare-guest-kernel.ts';
import type { Milestone, PowerCut } from './scenario.ts';
import type { Snapshot } from './snapshot-files.ts';

/** One boot of one image. */
export interface BootRequest extends BootTest {
  readonly diskPath: string;
  /** Number of the root partition. */
  readonly rootPartition: number;
  /** The image's own kernel command line; the words about the machine are replaced. */
  readonly commandLine: string;
  readonly kernel: GuestKernel;
  readonly initrdPath: string;
  /** Of the guest's time, from power-on. */
  readonly timeoutMs: number;
  /** Of real time: if the boot takes longer, the host is too busy. */
  readonly wallTimeoutMs: number;
  /** The guest goes on from it; the disk at `diskPath` is the snapshot's, or a copy of that. Absent: a whole boot. */
  readonly snapshot?: Snapshot;
  /** The power is cut at this moment, and the boot ends; the file keeps what was written. */
  readonly cutPower?: PowerCut;
  /** The file is a copy and keeps the guest's writes. */
  readonly keepWrites?: boolean;
  /** With `keepWrites`: a file into which QEMU logs every write and flush of the disk. */
  readonly writeLogPath?: string;
  /** The disk whose status file is read again and again; the same file as `diskPath`, which keeps the guest's writes. */
  readonly statusFileOn?: Disk;
  /** A socket on which somebody listens for the guest's console. */
  readonly consoleSocket?: string;
  /** Folder of console.log, probe.log and events.jsonl, with a cable cable.jsonl; must be there. */
  readonly logFolder: string;
  /** Called when a milestone is met or fails. */
  readonly onResult?: (name: Milestone, result: MilestoneResult) => void;
  readonly onConsole?: (line: string) => void;
  /** Called about once a second with what the boot waits for. */
  readonly onWait?: (wait: Wait) => void;
}

/** What a boot is waiting for. */
export interface Wait {
  readonly milestone: Milestone;
  /** The guest's time since power-on, and its limit. */
  readonly guestMs: number;
  readonly limitMs: number;
  readonly host: HostUse;
}

/** How a boot ended, and everything recorded of it. */
export interface BootOutcome {
  readonly verdict: Verdict;
  readonly results: MilestoneResults;
  readonly record: BootRecord;
  readonly host: HostUse;
}
