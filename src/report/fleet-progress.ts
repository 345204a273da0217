import { findMainFile } from '../core/model.ts';
import type { FleetProgress } from '../fleet/fleet-progress.ts';
import { estimateLeftSeconds, type FleetResult } from '../fleet/fleet-state.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';
import { canRedraw, type ReportStream } from './terminal-report.ts';

interface Running {
  readonly startMs: number;
  step: string;
}

/**
 * Progress for people: a line for each finished image. On a terminal, a line for each image in work and one with the
 * total and the time left are drawn below them.
 * @param options.jobs how many images are made at the same time
 */
export function createFleetProgress(
  stream: ReportStream,
  options: { total: number; jobs: number; quiet?: boolean; now?: () => number },
): FleetProgress {
  const { total, jobs, quiet = false, now = Date.now } = options;
  const isLive = canRedraw(stream) && !quiet;
  const running = new Map<string, Running>();
  const buildSeconds: number[] = [];
  let done = 0;
  let drawnLines = 0;

  const showTotal = (): string => {
    const getSeconds = ({ startMs }: Running) => (now() - startMs) / 1000;
    const waiting = total - done - running.size;
    const left = estimateLeftSeconds(buildSeconds, [...running.values()].map(getSeconds), waiting, jobs);
    const time = left === undefined || done === total ? '' : `, ${formatDuration(Math.ceil(left))} left`;
    return `${done} of ${total} images${time}`;
  };
  const erase = (): void => {
    // Moves up to the first drawn line and clears from there to the end of the screen.
    if (drawnLines > 0) stream.write(`\u001b[${drawnLines}F\u001b[0J`);
    drawnLines = 0;
  };
  const draw = (): void => {
    if (!isLive) return;
    const lines = [...running].map(
      ([name, { startMs, step }]) =>
        `  … ${shorten(name).padEnd(28)} ${step.padEnd(12)} ${formatDuration(Math.round((now() - startMs) / 1000))}\n`,
    );
    erase();
    stream.write(`${lines.join('')}    ${showTotal()}\n`);
    drawnLines = lines.length + 1;
  };
  const timer = isLive ? setInterval(draw, 1000) : undefined;
  timer?.unref();

  return {
    begin: (name) => {
      running.set(name, { startMs: now(), step: '' });
      draw();
    },
    step: (name, title) => {
      const image = running.get(name);
      if (image !== undefined) image.step = title;
      draw();
    },
    finish: (result) => {
      running.delete(result.name);
      done += 1;
      if (result.verdict === 'built') buildSeconds.push(result.seconds);
      if (quiet) return;
      erase();
      stream.write(`${formatResult(result)}${isLive ? '' : `  [${showTotal()}]`}\n`);
      draw();
    },
    close: () => {
      clearInterval(timer);
      erase();
    },
  };
}

/** Keeps a name to one line: a line that wraps could not be drawn over. */
function shorten(name: string): string {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name;
}

function formatResult({ name, verdict, seconds, files, error }: FleetResult): string {
  const mark = verdict === 'failed' ? '✗' : '✓';
  const file = findMainFile(files);
  const size = file === undefined ? '' : `, ${formatBytes(file.sizeBytes)}`;
  const what =
    verdict === 'failed' ? `failed: ${printable(error?.split('\n')[0] ?? '')}` : `${verdict}${size}`;
  return `  ${mark} ${name.padEnd(28)} ${what}  (${formatDuration(seconds)})`;
}
