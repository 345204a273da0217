import { findMainFile } from '../core/model.ts';
import type { FleetProgress } from '../fleet/fleet-progress.ts';
import { estimateLeftSeconds, type FleetResult } from '../fleet/fleet-state.ts';
import type { Paint } from '../formats/colour.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';
import type { Row, Terminal } from './terminal.ts';
import { wrapLine } from './wrap-line.ts';

interface Running {
  readonly startMs: number;
  readonly row: Row;
  step: string;
}

/**
 * Progress for people: a line for each finished image. On a terminal, a row for each image in work and one with the
 * total and the time left are drawn below them, from the first image on.
 * @param options.jobs how many images are made at the same time
 */
export function createFleetProgress(
  terminal: Terminal,
  options: { total: number; jobs: number; dryRun?: boolean; quiet?: boolean; now?: () => number },
): FleetProgress {
  const { total, jobs, dryRun = false, quiet = false, now = Date.now } = options;
  const running = new Map<string, Running>();
  const buildSeconds: number[] = [];
  let done = 0;
  let totalRow: Row | undefined;

  const showTotal = (): string => {
    const getSeconds = ({ startMs }: Running) => (now() - startMs) / 1000;
    const waiting = total - done - running.size;
    const left = estimateLeftSeconds(buildSeconds, [...running.values()].map(getSeconds), waiting, jobs);
    const time = left === undefined || done === total ? '' : `, ${formatDuration(Math.ceil(left))} left`;
    return `${done} of ${total} images${time}`;
  };
  const showRunning = (name: string, columns: number): string => {
    const { startMs = now(), step = '' } = running.get(name) ?? {};
    const whole = Math.floor((now() - startMs) / 1000);
    const seconds = whole === 0 ? '' : formatDuration(whole);
    return `  … ${shorten(name, columns)} ${step.padEnd(12)} ${terminal.paint('quiet', seconds)}`;
  };
  if (quiet) {
    const nothing = () => undefined;
    return { begin: nothing, step: nothing, finish: nothing, close: nothing };
  }

  return {
    begin: (name) => {
      // The total is below all images: it is taken away and added again.
      totalRow?.remove();
      running.set(name, {
        startMs: now(),
        step: '',
        row: terminal.addRow((columns) => showRunning(name, columns)),
      });
      totalRow = terminal.addRow(() => `    ${showTotal()}`);
    },
    step: (name, title) => {
      const image = running.get(name);
      if (image === undefined) return;
      image.step = title;
      image.row.changed();
    },
    finish: (result) => {
      running.get(result.name)?.row.remove();
      running.delete(result.name);
      done += 1;
      if (result.verdict === 'built') buildSeconds.push(result.seconds);
      const sum = terminal.isLive ? '' : `  [${showTotal()}]`;
      const text = `${formatResult(result, dryRun, terminal.paint)}${sum}`;
      const mark = result.verdict === 'failed' ? terminal.paint('bad', '✗') : terminal.paint('good', '✓');
      terminal.print(wrapLine(`  ${mark} `, 4, text, terminal.getColumns()));
    },
    close: () => {
      for (const { row } of running.values()) row.remove();
      running.clear();
      totalRow?.remove();
    },
  };
}

/** A verdict as people read it: of a dry run, what would be built is not built. */
export function nameVerdict(verdict: FleetResult['verdict'], dryRun: boolean): string {
  return dryRun && verdict === 'built' ? 'to be built' : verdict;
}

const NAME_COLUMNS = 28;
/** In a window narrower than `NARROW`, the step and the time matter as much. */
const SHORT_NAME_COLUMNS = 14;
const NARROW = 60;

/** Keeps the columns of the rows. */
function shorten(name: string, columns: number): string {
  const width = columns < NARROW ? SHORT_NAME_COLUMNS : NAME_COLUMNS;
  return name.length > width ? `${name.slice(0, width - 1)}…` : name.padEnd(width);
}

function formatResult(
  { name, verdict, seconds, files, error }: FleetResult,
  dryRun: boolean,
  paint: Paint,
): string {
  const isFailed = verdict === 'failed';
  const file = findMainFile(files);
  const size = file === undefined ? '' : `, ${formatBytes(file.sizeBytes)}`;
  const what = isFailed
    ? `failed: ${printable(error?.split('\n')[0] ?? '')}`
    : `${nameVerdict(verdict, dryRun)}${size}`;
  return `${name.padEnd(NAME_COLUMNS)} ${what}${paint('quiet', `  (${formatDuration(seconds)})`)}`;
}
