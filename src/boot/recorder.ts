import { type ProbeLine, parseProbeLine } from '../formats/probe-lines.ts';
import type { Clock } from '../modem/clock.ts';
import type { TimedEvent } from '../modem/events.ts';
import type { BootRecord, ConsoleLine, TimedProbeLine } from './boot-record.ts';
import { followFile } from './follow-file.ts';

/** By what a guest is observed. */
export interface Observed {
  /** The guest's clock, which is the modem's too. */
  readonly clock: Clock;
  /** Advances the clock to this moment, see `GuestClock`; left out where it never is behind. */
  readonly catchUp?: () => Promise<void>;
  /** Files that QEMU writes. */
  readonly console: string;
  readonly probe: string;
  /** Of the modem; left out in a machine that has none. */
  readonly modem?: { readonly events: readonly TimedEvent[] };
  /** Of a guest that goes on from a snapshot, what was seen before. */
  readonly earlier?: EarlierTimes;
}

/** When what a guest said before a snapshot was seen, in milliseconds of its time since power-on. */
export interface EarlierTimes {
  /** The moment of the snapshot. */
  readonly elapsedMs: number;
  /** Of the first lines of the console, and of the probe. */
  readonly console: readonly number[];
  readonly probe: readonly number[];
}

/** Reads what a guest and its modem say. */
export interface Recorder {
  /**
   * Everything so far.
   * @param ended why the machine has stopped, if it has
   */
  read(ended: string | undefined): Promise<BootRecord>;
  close(): Promise<void>;
}

/** @param onConsole called with every line of the console */
export function createRecorder(observed: Observed, onConsole?: (line: string) => void): Recorder {
  const { clock, modem, earlier } = observed;
  const consoleFile = followFile(observed.console);
  const probeFile = followFile(observed.probe);
  const consoleLines: ConsoleLine[] = [];
  const probeLines: TimedProbeLine[] = [];
  // The guest is switched on with its modem, unless the modem comes later: the guest's clock counts from its power-on.
  let powerOnMs = modem === undefined || earlier !== undefined ? 0 : undefined;
  /** When the kernel's own time began, a while after power-on. Estimated from the lines so far. */
  let kernelStartMs = Number.POSITIVE_INFINITY;
  return {
    async read(ended) {
      // Kept, because a very long boot drops its oldest events.
      powerOnMs ??= modem?.events.find((event) => event.type === 'power-on')?.t;
      const consoleTexts = await consoleFile.readLines();
      const probeTexts = await probeFile.readLines();
      // Read first: a line must not seem older than an event that came before it.
      await observed.catchUp?.();
      const zeroMs = powerOnMs ?? clock.now();
      const nowMs = Math.round(clock.now() - zeroMs);
      for (const text of consoleTexts) {
        consoleLines.push({ t: earlier?.console[consoleLines.length] ?? nowMs, text });
        onConsole?.(text);
      }
      const lines = probeTexts.map(parseProbeLine).filter(isLine);
      const seen = lines.map((line, index) => ({
        line,
        seenMs: earlier?.probe[probeLines.length + index] ?? nowMs,
      }));
      for (const { line, seenMs } of seen) {
        kernelStartMs = Math.min(kernelStartMs, Math.round(seenMs - line.uptimeSeconds * 1000));
      }
      for (const { line, seenMs } of seen) {
        const t = Math.min(seenMs, Math.round(kernelStartMs + line.uptimeSeconds * 1000));
        probeLines.push({ t, ...line });
      }
      return {
        elapsedMs: nowMs,
        resumedAtMs: earlier?.elapsedMs ?? 0,
        console: consoleLines,
        probe: probeLines,
        events: (modem?.events ?? []).map((event) => ({ ...event, t: Math.round(event.t - zeroMs) })),
        ended,
      };
    },
    async close() {
      await consoleFile.close();
      await probeFile.close();
    },
  };
}

function isLine(line: ProbeLine | undefined): line is ProbeLine {
  return line !== undefined;
}
