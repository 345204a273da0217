import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Context } from '../../src/core/context.ts';
import { packageRoot } from '../../src/core/package.ts';
import { makeDiskOfSize } from './lite-image.ts';

/** Where the benchmarks work, and what they share. */
export interface Lab {
  /** Steps called from here use its `exec`; its cache has base and libqmi, and no compressed block yet. */
  readonly context: Context;
  /** On the disk that is measured; removed at the end. */
  readonly folder: string;
  /** The image `debian-bookworm` stands for. */
  readonly base: string;
  /** Says on the terminal what is under way. */
  readonly say: (text: string) => void;
}

/** One part of the bench: a file `*.bench.ts` exports it as `bench`. */
export interface Bench {
  readonly title: string;
  /** @returns its part of README.md, in Markdown */
  run(lab: Lab): Promise<string>;
}

/** What a program took. */
export interface Cost {
  readonly seconds: number;
  /** The most it had in memory at once (VmHWM of proc(5)), of itself without its children. */
  readonly peakBytes: number;
  /** Processor time, its children's with it: what a busy machine does not change much. */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

/**
 * Runs a program to its end and measures it.
 * @param onLine told each line of both outputs, and when it came
 * @throws Error with what it said when it fails
 */
export async function measure(
  argv: readonly string[],
  env: Record<string, string> = {},
  onLine?: (line: string, atSeconds: number) => void,
): Promise<Cost> {
  const [program = '', ...args] = argv;
  const start = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (onLine !== undefined) {
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => onLine(line, (performance.now() - start) / 1000));
  }
  let peakBytes = 0;
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, readPeak(child.pid ?? 0));
    cpuSeconds = Math.max(cpuSeconds, readCpu(child.pid ?? 0));
  }, 50);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  clearInterval(watch);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return { seconds: (performance.now() - start) / 1000, peakBytes, cpuSeconds, stdout };
}

/** The built command, measured. */
export function measureCli(lab: Lab, args: readonly string[]): Promise<Cost> {
  const cli = join(packageRoot, 'dist/src/cli.js');
  return measure([process.execPath, cli, ...args, '--cache-dir', lab.context.cacheDir, '--quiet']);
}

/** Seconds a function takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The median of several figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The size of a Raspbian Lite, and how much of it is data. */
export const LITE = { sizeBytes: 1_858_000_000, dataBytes: 880_000_000 };

/** A disk `factor` times as large as a Lite, with as many times the data; made once. */
export async function provideDisk(lab: Lab, factor: number): Promise<string> {
  const path = join(lab.folder, `lite-${factor}x.img`);
  if (existsSync(path)) return path;
  lab.say(`making an image of ${factor} × Lite's size`);
  await mkdir(lab.folder, { recursive: true });
  await makeDiskOfSize(lab.context, lab.base, path, {
    sizeBytes: LITE.sizeBytes * factor,
    dataBytes: LITE.dataBytes * factor,
  });
  return path;
}

/** A table in Markdown. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Seconds as people read them. */
export function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
}

/** User and system time of a process and its ended children, fields 14 to 17 of /proc/PID/stat (proc(5)). */
function readCpu(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // USER_HZ is 100 on all that Node runs on.
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
  } catch {
    return 0;
  }
}

function readPeak(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
