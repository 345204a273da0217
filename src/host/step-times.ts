import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeStep, type Reporter } from '../core/reporter.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';

/** A reporter that knows how long each step took the last time on this machine, and measures it again. */
export interface TimedReporter {
  readonly report: Reporter;
  /** Keeps the times for the next run. They are a convenience: nothing fails without them. */
  save(): Promise<void>;
}

/** What is over sooner came from the cache, or needs no forecast. */
const LONG_SECONDS = 5;
const MAX_BYTES = 65_536;
const MAX_STEPS = 100;

/**
 * Adds the times in the cache to a reporter's steps. A file that is missing, damaged, not a plain one or too large counts
 * as empty.
 * @param cacheDir of the run
 */
export async function timeSteps(report: Reporter, cacheDir: string, now = Date.now): Promise<TimedReporter> {
  const path = join(cacheDir, 'logs', 'step-times.json');
  const known = await readTimes(path);
  const measured = new Map<string, number>();
  const step: Reporter['step'] = (title, hint) => {
    const startMs = now();
    const own = report.step(title, { usualSeconds: known.get(title), ...hint });
    return makeStep((result) => {
      const seconds = Math.round((now() - startMs) / 1000);
      if (seconds >= LONG_SECONDS) measured.set(title, seconds);
      own(result);
    }, own);
  };
  return {
    report: { ...report, step },
    save: async () => {
      if (measured.size === 0) return;
      // The newest last, so that the oldest are forgotten.
      const all = [...known].filter(([title]) => !measured.has(title)).concat([...measured]);
      const seconds = Object.fromEntries(all.slice(-MAX_STEPS));
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFileAtomic(path, `${JSON.stringify({ format: 1, seconds })}\n`);
      } catch {
        // A read-only or full cache costs the forecast of the next run.
      }
    },
  };
}

const schema = z.object({
  format: z.literal(1),
  seconds: z.record(z.string().regex(/^[\x20-\x7e]{1,60}$/), z.number().min(1).max(604_800)),
});

async function readTimes(path: string): Promise<ReadonlyMap<string, number>> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > MAX_BYTES) return new Map();
      return new Map(Object.entries(schema.parse(JSON.parse(await file.readFile('utf8'))).seconds));
    } finally {
      await file.close();
    }
  } catch {
    return new Map();
  }
}
