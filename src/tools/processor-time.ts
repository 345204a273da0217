import { readFile } from 'node:fs/promises';
import { TICKS_PER_SECOND } from '../formats/probe-lines.ts';

/** The processor time that a process has used so far, in milliseconds; 0 once it has ended. */
export async function readProcessorMs(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may contain any character; utime and stime are fields 14 and 15 (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  return Number.isFinite(ticks) ? (ticks * 1000) / TICKS_PER_SECOND : 0;
}
