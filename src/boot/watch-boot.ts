import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import { type ProbeLine, parseProbeLine } from '../formats/probe-lines.ts';
import { formatSeconds } from '../formats/units.ts';
import type { Clock } from '../modem/clock.ts';
import type { Modem } from '../modem/server.ts';
import type { RunningProcess } from '../tools/exec.ts';
import { type BootRecord, bootDoneAt, type ConsoleLine, type TimedProbeLine } from './boot-record.ts';
import type { BootOutcome, BootRequest } from './boot-request.ts';
import { evaluateBoot, findOpen, type Verdict } from './evaluate-boot.ts';
import { evaluateMilestones } from './evaluate-milestones.ts';
import { followFile } from './follow-file.ts';
import { type HostWatch, watchHost } from './host-watch.ts';
import type { MilestoneResults } from './milestone-result.ts';
import { MILESTONES, type Milestone, OPTIONAL } from './scenario.ts';

/** A guest that runs, and where it is seen. */
export interface Machine {
  readonly modem: Modem;
  readonly qemu: RunningProcess;
  /** The guest's; the modem's is the same. */
  readonly clock: Clock;
  /** Files that QEMU writes. */
  readonly console: string;
  readonly probe: string;
}

const LOOK_EVERY_MS = 250;
const TELL_EVERY_MS = 1000;

/**
 * Watches a guest until there is a verdict, its time is up, or the host turns out to be too busy for it. Every time in
 * the record is the guest's own.
 * @throws InterruptedError when the run is stopped, ToolFailedError when QEMU does not start
 */
export async function watchBoot(
  context: Context,
  request: BootRequest,
  machine: Machine,
): Promise<BootOutcome> {
  const { modem, qemu, clock } = machine;
  const recorder = createRecorder(machine, request);
  const host = watchHost(clock, qemu.pid, request.wallTimeoutMs);
  const tell = createTeller(request);
  let exit: string | undefined;
  void qemu.exited.then((end) => {
    exit = `QEMU ended (${end.signal ?? `exit code ${end.exitCode}`})${end.stderr === '' ? '' : `: ${end.stderr.trim()}`}`;
  });
  let toldAtMs = 0;
  try {
    for (;;) {
      if (context.signal.aborted) throw new InterruptedError('interrupted');
      const stopped = exit;
      const record = await recorder.read(stopped);
      if (stopped !== undefined && record.console.length === 0) {
        throw new ToolFailedError('QEMU did not start the machine', { detail: stopped });
      }
      if (isTimeToPlugIn(request, record)) modem.plug();
      const { cutPowerAtMs } = request;
      const findings: MilestoneResults =
        cutPowerAtMs === undefined ? evaluateMilestones(request, record) : new Map<Milestone, never>();
      tell(findings);
      const open = findOpen(findings) ?? 'kernel';
      const verdict =
        (cutPowerAtMs === undefined
          ? evaluateBoot(request, record, findings)
          : evaluateCut(cutPowerAtMs, record, stopped)) ?? (await evaluateHost(host, open));
      if (verdict !== undefined) return { verdict, findings, record, host: await host.measure() };
      if (performance.now() - toldAtMs >= TELL_EVERY_MS) {
        toldAtMs = performance.now();
        const limitMs = cutPowerAtMs ?? request.timeoutMs;
        request.onWait?.({
          milestone: open,
          guestMs: record.elapsedMs,
          limitMs,
          host: await host.measure(),
        });
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
    }
  } finally {
    await recorder.close();
  }
}

/** The boot is over when its power is cut; nothing is asked of it. */
function evaluateCut(cutAtMs: number, { elapsedMs }: BootRecord, stopped?: string): Verdict | undefined {
  if (elapsedMs < cutAtMs && stopped === undefined) return undefined;
  return { passed: true, summary: stopped ?? `the power was cut after ${formatSeconds(elapsedMs)}` };
}

/** No verdict on the image, once the host is too busy for one. */
async function evaluateHost(host: HostWatch, milestone: Milestone): Promise<Verdict | undefined> {
  const summary = await host.findStall();
  return summary === undefined ? undefined : { passed: false, tooBusy: true, summary, milestone };
}

/** Reads what has come since the last time. */
function createRecorder({ modem, clock, console, probe }: Machine, request: BootRequest) {
  const consoleFile = followFile(console);
  const probeFile = followFile(probe);
  const consoleLines: ConsoleLine[] = [];
  const probeLines: TimedProbeLine[] = [];
  let powerOnMs: number | undefined;
  /** When the kernel's own time began: it decompresses itself before. As near as the lines seen so far tell. */
  let kernelStartMs = Number.POSITIVE_INFINITY;
  return {
    async read(stopped: string | undefined): Promise<BootRecord> {
      // Kept: the event goes with the oldest of a very long boot.
      powerOnMs ??= modem.events.find((event) => event.type === 'power-on')?.t;
      const zeroMs = powerOnMs ?? clock.now();
      const t = Math.round(clock.now() - zeroMs);
      for (const text of await consoleFile.readLines()) {
        consoleLines.push({ t, text });
        request.onConsole?.(text);
      }
      const lines = (await probeFile.readLines()).map(parseProbeLine).filter(isLine);
      for (const { uptimeSeconds } of lines) {
        kernelStartMs = Math.min(kernelStartMs, Math.round(t - uptimeSeconds * 1000));
      }
      for (const line of lines) {
        probeLines.push({ t: Math.min(t, Math.round(kernelStartMs + line.uptimeSeconds * 1000)), ...line });
      }
      const late = t >= request.timeoutMs ? `not within ${request.timeoutMs / 1000} s` : undefined;
      return {
        elapsedMs: t,
        console: consoleLines,
        probe: probeLines,
        events: modem.events.map((event) => ({ ...event, t: Math.round(event.t - zeroMs) })),
        ended: stopped ?? late,
      };
    },
    async close() {
      await consoleFile.close();
      await probeFile.close();
    },
  };
}

/** Tells of each milestone once, as it is met or fails. */
function createTeller(request: BootRequest): (findings: MilestoneResults) => void {
  const told = new Set<Milestone>();
  return (findings) => {
    for (const name of MILESTONES) {
      const finding = findings.get(name);
      if (finding === undefined || finding.state === 'pending' || told.has(name)) continue;
      told.add(name);
      // What only some scenarios are about is not worth a line in the others.
      if (finding.state === 'skipped' && OPTIONAL.includes(name)) continue;
      request.onFinding?.(name, finding);
    }
  };
}

/** True from that moment on; a stick that is plugged in already is not plugged in again. */
function isTimeToPlugIn({ scenario }: BootRequest, record: BootRecord): boolean {
  const afterMs = scenario.machine.plugInAfterBootMs;
  const doneAt = bootDoneAt(record);
  return afterMs !== undefined && doneAt !== undefined && record.elapsedMs >= doneAt + afterMs;
}

function isLine(line: ProbeLine | undefined): line is ProbeLine {
  return line !== undefined;
}
