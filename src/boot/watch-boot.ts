import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { formatSeconds } from '../formats/units.ts';
import type { Modem } from '../modem/server.ts';
import type { RunningProcess } from '../tools/exec.ts';
import { describeQemuEnd } from '../tools/qemu.ts';
import { type BootRecord, bootDoneAt } from './boot-record.ts';
import type { BootOutcome, BootRequest } from './boot-request.ts';
import { evaluateBoot, findOpen, type Verdict } from './evaluate-boot.ts';
import { evaluateMilestones } from './evaluate-milestones.ts';
import { type HostWatch, watchHost } from './host-watch.ts';
import type { MilestoneResults } from './milestone-result.ts';
import { readStatusFile } from './read-status-file.ts';
import { createRecorder, type Observed } from './recorder.ts';
import { MILESTONES, type Milestone, OPTIONAL } from './scenario.ts';

/** A running guest, and everything by which it is observed. */
export interface Machine extends Observed {
  readonly modem: Modem;
  readonly qemu: RunningProcess;
}

const LOOK_EVERY_MS = 250;
const TELL_EVERY_MS = 1000;
/** Of real time. */
const STATUS_EVERY_MS = 2000;

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
  const recorder = createRecorder(machine, request.onConsole);
  const readStatus = createStatusReader(request.statusFileOn);
  const host = watchHost(clock, qemu.pid, request.wallTimeoutMs);
  const tell = createTeller(request);
  let exit: string | undefined;
  void qemu.exited.then((end) => {
    exit = describeQemuEnd(end);
  });
  let toldAtMs = 0;
  try {
    for (;;) {
      if (context.signal.aborted) throw new InterruptedError('interrupted');
      const stopped = exit;
      const seen = await recorder.read(stopped);
      const limitMs = seen.resumedAtMs + request.timeoutMs;
      const late = seen.elapsedMs >= limitMs ? `not within ${request.timeoutMs / 1000} s` : undefined;
      const record: BootRecord = { ...seen, statusFile: await readStatus(), ended: stopped ?? late };
      if (stopped !== undefined && record.console.length === 0) {
        throw new ToolFailedError('QEMU did not start the machine', { detail: stopped });
      }
      if (isTimeToPlugIn(request, record)) modem.plug();
      const cutAtMs = findCut(request, record);
      const results: MilestoneResults =
        cutAtMs === undefined ? evaluateMilestones(request, record) : new Map<Milestone, never>();
      tell(results);
      const open = findOpen(results) ?? 'kernel';
      const verdict =
        (cutAtMs === undefined
          ? evaluateBoot(request, record, results)
          : evaluateCut(cutAtMs, record, stopped)) ?? (await evaluateHost(host, open));
      if (verdict !== undefined) return { verdict, results, record, host: await host.measure() };
      if (performance.now() - toldAtMs >= TELL_EVERY_MS) {
        toldAtMs = performance.now();
        request.onWait?.({
          milestone: open,
          guestMs: record.elapsedMs,
          limitMs: Math.min(cutAtMs ?? limitMs, limitMs),
          host: await host.measure(),
        });
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
    }
  } finally {
    await recorder.close();
  }
}

/** systemd's line on the console about a unit; systemd 252 has its name there, 232 does not. */
const STARTS = {
  /** The one that takes wwanpi.txt over. */
  settings: /Starting .*(wwanpi-card-set|Apply the settings)/,
  /** The one that installs the image's own packages. */
  'first-boot': /Starting .*(wwanpi-first-boo|Install this image)/,
} as const;

/** When the power is cut, if it is; without an end while the unit has not started in which it is to be cut. */
function findCut({ cutPower }: BootRequest, { console }: BootRecord): number | undefined {
  if (cutPower === undefined) return undefined;
  const { after, ms } = cutPower;
  if (after === 'power-on') return ms;
  const start = console.find(({ text }) => STARTS[after].test(text))?.t;
  return start === undefined ? Number.POSITIVE_INFINITY : start + ms;
}

/** A boot whose power is cut passes: it ends at that moment. */
function evaluateCut(
  cutAtMs: number,
  { elapsedMs, ended }: BootRecord,
  stopped = ended,
): Verdict | undefined {
  if (elapsedMs < cutAtMs && stopped === undefined) return undefined;
  if (cutAtMs === Number.POSITIVE_INFINITY)
    return {
      passed: false,
      milestone: 'kernel',
      summary: 'the unit in which the power is cut never started',
    };
  return { passed: true, summary: stopped ?? `the power was cut after ${formatSeconds(elapsedMs)}` };
}

/** The verdict "too busy", once the host is. */
async function evaluateHost(host: HostWatch, milestone: Milestone): Promise<Verdict | undefined> {
  const summary = await host.findStall();
  return summary === undefined ? undefined : { passed: false, tooBusy: true, summary, milestone };
}

/** Reads the status file on the disk that the guest writes to, if there is one to read, every few seconds. */
function createStatusReader(disk: Disk | undefined): () => Promise<string | undefined> {
  let text: string | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (disk === undefined || performance.now() - readAtMs < STATUS_EVERY_MS) return text;
    text = (await readStatusFile(disk)) ?? text;
    readAtMs = performance.now();
    return text;
  };
}

/** Reports each milestone once, when it is met or fails. */
function createTeller(request: BootRequest): (results: MilestoneResults) => void {
  const reported = new Set<Milestone>();
  return (results) => {
    for (const name of MILESTONES) {
      const result = results.get(name);
      if (result === undefined || result.state === 'pending' || reported.has(name)) continue;
      reported.add(name);
      // A milestone of some scenarios needs no line in the others.
      if (result.state === 'skipped' && OPTIONAL.includes(name)) continue;
      request.onResult?.(name, result);
    }
  };
}

/** True from that moment on; a modem that is plugged in already is not plugged in again. */
function isTimeToPlugIn({ scenario }: BootRequest, record: BootRecord): boolean {
  const afterMs = scenario.machine.plugInAfterBootMs;
  const doneAt = bootDoneAt(record);
  return afterMs !== undefined && doneAt !== undefined && record.elapsedMs >= doneAt + afterMs;
}
