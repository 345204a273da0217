import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import { type ProbeLine, parseProbeLine } from '../formats/probe-lines.ts';
import { type Cable, startCable } from '../modem/cable.ts';
import { type Modem, startModem } from '../modem/server.ts';
import { type RunningProcess, startProcess } from '../tools/exec.ts';
import { qemuArgv } from '../tools/qemu.ts';
import { type BootRecord, bootDoneAt, type ConsoleLine, type TimedProbeLine } from './boot-record.ts';
import type { Finding, Findings, Trial } from './finding.ts';
import { followFile } from './follow-file.ts';
import { judgeBoot, type Verdict } from './judge-boot.ts';
import { judgeMilestones } from './judge-milestones.ts';
import type { GuestKernel } from './prepare-guest-kernel.ts';
import { behaviourOf, MILESTONES, type Milestone, OPTIONAL } from './scenario.ts';

/** One boot of one image. */
export interface BootRequest extends Trial {
  readonly diskPath: string;
  /** Number of the root partition. */
  readonly rootPartition: number;
  /** The image's own kernel command line; what concerns the machine is replaced. */
  readonly commandLine: string;
  readonly kernel: GuestKernel;
  readonly initrdPath: string;
  readonly timeoutMs: number;
  /** The power is cut then, since power-on, and that is the end of it; what was written stays in the file. */
  readonly cutPowerAtMs?: number;
  /** What the guest writes stays in the file: it is a copy. */
  readonly keepWrites?: boolean;
  /** Folder of console.log, probe.log and events.jsonl; must be there. */
  readonly logFolder: string;
  /** Told as each milestone is met or fails. */
  readonly onFinding?: (name: Milestone, finding: Finding) => void;
  readonly onConsole?: (line: string) => void;
}

/** How it went. */
export interface BootOutcome {
  readonly verdict: Verdict;
  readonly findings: Findings;
  readonly record: BootRecord;
}

const LOOK_EVERY_MS = 250;

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
  };
  // An earlier boot's in the same folder would be read as this one's until QEMU has opened its own.
  await rm(paths.console, { force: true });
  await rm(paths.probe, { force: true });
  const modem = await startModem({
    socketPath: paths.socket,
    behaviour: behaviourOf(request.scenario, {
      apn: request.apn,
      ...request.setup.credentials,
      ...(request.setup.pin === undefined ? {} : { pin: request.setup.pin }),
    }),
    eventLogPath: join(request.logFolder, 'events.jsonl'),
  });
  const startedMs = performance.now();
  let qemu: RunningProcess | undefined;
  let cable: Cable | undefined;
  let second: Modem | undefined;
  try {
    if (request.scenario.machine.ethernet) cable = await startCable(paths.cable);
    const other = request.scenario.machine.secondStick;
    if (other !== undefined) second = await startModem({ socketPath: paths.second, behaviour: other });
    qemu = startProcess(
      qemuArgv({
        kernelPath: request.kernel.kernelPath,
        initrdPath: request.initrdPath,
        append: formatCommandLine(request),
        diskPath: request.diskPath,
        modemSocket: paths.socket,
        ...(second === undefined ? {} : { secondModemSocket: paths.second }),
        ...(request.keepWrites === true ? { keepWrites: true } : {}),
        ...(cable === undefined ? {} : { cableSocket: paths.cable }),
        consolePath: paths.console,
        probePath: paths.probe,
      }),
      { signal: context.signal },
    );
    return await watch(context, request, {
      modem,
      qemu,
      startedMs,
      console: paths.console,
      probe: paths.probe,
    });
  } finally {
    await qemu?.stop();
    await cable?.close();
    await second?.close();
    await modem.close();
  }
}

interface Machine {
  readonly modem: Modem;
  readonly qemu: RunningProcess;
  /** When the modem's clock began. */
  readonly startedMs: number;
  readonly console: string;
  readonly probe: string;
}

async function watch(context: Context, request: BootRequest, machine: Machine): Promise<BootOutcome> {
  const consoleFile = followFile(machine.console);
  const probeFile = followFile(machine.probe);
  const consoleLines: ConsoleLine[] = [];
  const probeLines: TimedProbeLine[] = [];
  let exit: string | undefined;
  void machine.qemu.exited.then((end) => {
    exit = `QEMU ended (${end.signal ?? `exit code ${end.exitCode}`})${end.stderr === '' ? '' : `: ${end.stderr.trim()}`}`;
  });
  let powerOnMs: number | undefined;
  const told = new Set<Milestone>();
  const tell = (findings: Findings) => {
    for (const name of MILESTONES) {
      const finding = findings.get(name);
      if (finding === undefined || finding.state === 'pending' || told.has(name)) continue;
      told.add(name);
      // What only some scenarios are about is not worth a line in the others.
      if (finding.state === 'skipped' && OPTIONAL.includes(name)) continue;
      request.onFinding?.(name, finding);
    }
  };
  try {
    for (;;) {
      if (context.signal.aborted) throw new InterruptedError('interrupted');
      const stopped = exit;
      if (stopped !== undefined && consoleLines.length === 0 && (await consoleFile.isEmpty())) {
        throw new ToolFailedError('QEMU did not start the machine', { detail: stopped });
      }
      // Kept: the event goes with the oldest of a very long boot.
      powerOnMs ??= powerOnOf(machine.modem);
      const zeroMs = powerOnMs ?? performance.now() - machine.startedMs;
      const t = performance.now() - machine.startedMs - zeroMs;
      for (const text of await consoleFile.readLines()) {
        consoleLines.push({ t, text });
        request.onConsole?.(text);
      }
      const parsed = (await probeFile.readLines()).map(parseProbeLine);
      probeLines.push(...parsed.filter(isLine).map((line) => ({ t, ...line })));
      const late = t >= request.timeoutMs ? `not within ${request.timeoutMs / 1000} s` : undefined;
      const record: BootRecord = {
        elapsedMs: t,
        console: consoleLines,
        probe: probeLines,
        events: machine.modem.events.map((event) => ({ ...event, t: event.t - zeroMs })),
        ended: stopped ?? late,
      };
      if (isTimeToPlugIn(request, record)) machine.modem.plug();
      const { cutPowerAtMs } = request;
      if (cutPowerAtMs !== undefined) {
        if (t < cutPowerAtMs && stopped === undefined) {
          await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
          continue;
        }
        const summary = stopped ?? `the power was cut after ${(t / 1000).toFixed(1)} s`;
        return { verdict: { passed: true, summary }, findings: new Map(), record };
      }
      const findings = judgeMilestones(request, record);
      tell(findings);
      const verdict = judgeBoot(request, record, findings);
      if (verdict !== undefined) return { verdict, findings, record };
      await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
    }
  } finally {
    await consoleFile.close();
    await probeFile.close();
  }
}

/**
 * The image's own words, so that what it relies on (net.ifnames=0) has to come from it; but for those about a Pi's
 * consoles and disk, and for Raspbian's first-boot init=, which would resize the partition and reboot.
 */
function formatCommandLine({ commandLine, rootPartition, scenario }: BootRequest): string {
  const own = commandLine
    .split(/\s+/)
    .filter(
      (word) => word !== '' && !/^(console|root|rootfstype|rootdelay|init|quiet|splash|cma)(=|$)/.test(word),
    );
  const route = scenario.expected.verdict === 'online' ? scenario.expected.defaultRoute : 'wwan0';
  return [
    ...own,
    `root=/dev/vda${rootPartition}`,
    'console=ttyAMA0',
    'panic=-1',
    ...(scenario.machine.qmicli === 'image' ? [] : [`wwanpi.qmicli=${scenario.machine.qmicli}`]),
    ...(route === 'wwan0' ? [] : ['wwanpi.via=gateway']),
    ...(scenario.expected.verdict === 'online' && scenario.expected.recoversWithinMs !== undefined
      ? ['wwanpi.watch']
      : []),
    ...(scenario.machine.doctor === true ? ['wwanpi.doctor'] : []),
    ...(scenario.machine.holdPorts === true ? ['wwanpi.hold'] : []),
    ...formatSettings(scenario.machine.supervisor ?? {}),
  ].join(' ');
}

/** Names and numbers alone, as the scenario's schema has them. */
function formatSettings(settings: Readonly<Record<string, number>>): string[] {
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? [] : [`wwanpi.supervisor=${pairs.join(',')}`];
}

/** True from that moment on; a stick that is plugged in already is not plugged in again. */
function isTimeToPlugIn({ scenario }: BootRequest, record: BootRecord): boolean {
  const afterMs = scenario.machine.plugInAfterBootMs;
  const doneAt = bootDoneAt(record);
  return afterMs !== undefined && doneAt !== undefined && record.elapsedMs >= doneAt + afterMs;
}

function powerOnOf(modem: Modem): number | undefined {
  return modem.events.find((event) => event.type === 'power-on')?.t;
}

function isLine(line: ProbeLine | undefined): line is ProbeLine {
  return line !== undefined;
}
