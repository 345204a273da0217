import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { type Cable, startCable } from '../../modem/cable.ts';
import { behaviourOf, type Milestone } from '../../modem/scenario.ts';
import { type Modem, startModem } from '../../modem/server.ts';
import { type RunningProcess, startProcess } from '../../tools/exec.ts';
import { qemuArgv } from '../../tools/qemu.ts';
import type { GuestKernel } from '../prepare-guest-kernel.ts';
import type { BootRecord } from './boot-record.ts';
import type { Finding, Findings, Trial } from './finding.ts';
import { type GuestClock, startGuestClock } from './guest-clock.ts';
import type { HostUse } from './host-watch.ts';
import type { Verdict } from './judge-boot.ts';
import { formatCommandLine } from './kernel-words.ts';
import { watchBoot } from './watch-boot.ts';

/** One boot of one image. */
export interface BootRequest extends Trial {
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
  readonly onFinding?: (name: Milestone, finding: Finding) => void;
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
  readonly findings: Findings;
  readonly record: BootRecord;
  readonly host: HostUse;
}

/**
 * Boots a disk image in QEMU with an emulated stick and watches it until there is a verdict or the time is up. The
 * image's file is only read. QEMU and the stick are gone when this returns, however it returns.
 * @throws InterruptedError when the run is stopped, ToolFailedError when QEMU does not start
 */
export async function runBoot(context: Context, request: BootRequest): Promise<BootOutcome> {
  const paths = {
    console: join(request.logFolder, 'console.log'),
    probe: join(request.logFolder, 'probe.log'),
    socket: join(context.tmpDir, 'modem.sock'),
    cable: join(context.tmpDir, 'cable.sock'),
    second: join(context.tmpDir, 'second.sock'),
    qmp: join(context.tmpDir, 'qmp.sock'),
  };
  // An earlier boot's in the same folder would be read as this one's until QEMU has opened its own.
  await rm(paths.console, { force: true });
  await rm(paths.probe, { force: true });
  let guest: GuestClock | undefined;
  let modem: Modem | undefined;
  let qemu: RunningProcess | undefined;
  let cable: Cable | undefined;
  let second: Modem | undefined;
  try {
    guest = await startGuestClock(paths.qmp);
    const { clock } = guest;
    modem = await startModem({
      socketPath: paths.socket,
      behaviour: behaviourOf(request.scenario, {
        apn: request.apn,
        ...request.setup.credentials,
        ...(request.setup.pin === undefined ? {} : { pin: request.setup.pin }),
      }),
      eventLogPath: join(request.logFolder, 'events.jsonl'),
      clock,
    });
    if (request.scenario.machine.ethernet) cable = await startCable(paths.cable, clock);
    const other = request.scenario.machine.secondStick;
    if (other !== undefined) second = await startModem({ socketPath: paths.second, behaviour: other, clock });
    qemu = startProcess(
      qemuArgv({
        kernelPath: request.kernel.kernelPath,
        initrdPath: request.initrdPath,
        append: formatCommandLine(request.commandLine, request.rootPartition, request.scenario),
        diskPath: request.diskPath,
        modemSocket: paths.socket,
        ...(second === undefined ? {} : { secondModemSocket: paths.second }),
        ...(request.keepWrites === true ? { keepWrites: true } : {}),
        ...(cable === undefined ? {} : { cableSocket: paths.cable }),
        consolePath: paths.console,
        probePath: paths.probe,
        qmpSocket: paths.qmp,
      }),
      { signal: context.signal },
    );
    const { console, probe } = paths;
    return await watchBoot(context, request, { modem, qemu, clock, console, probe });
  } finally {
    await qemu?.stop();
    await cable?.close();
    await second?.close();
    await modem?.close();
    await guest?.close();
  }
}
