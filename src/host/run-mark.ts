import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The folder of marks in a cache: one file for each run that uses the cache now. */
export const RUNS_SECTION = 'runs';

/** A container has its own process ids, so its marks are believed for this long. */
const BELIEVED_MS = 24 * 3_600_000;
const MAX_MARK_BYTES = 1000;

const markSchema = z.object({ pid: z.int().positive(), namespace: z.string(), startTicks: z.string() });
type Mark = z.infer<typeof markSchema>;

/**
 * Says in the cache that this process uses it, so that `wwanpi cache prune` does not remove what it needs.
 * @returns removes the mark again; does nothing if the cache cannot be written
 */
export async function markRun(cacheDir: string): Promise<() => void> {
  const path = join(cacheDir, RUNS_SECTION, `${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(join(cacheDir, RUNS_SECTION), { recursive: true });
    await writeFile(path, JSON.stringify(await describeSelf()), { flag: 'wx', mode: 0o600 });
  } catch {
    // A read-only cache cannot be pruned either.
    return () => undefined;
  }
  return () => rmSync(path, { force: true });
}

/**
 * The runs that use a cache now, each as "process 1234" or "a container". Marks that killed runs left are removed.
 * A process id may have been given to another process since: the time at which the process started tells.
 */
export async function findRuns(cacheDir: string): Promise<string[]> {
  const folder = join(cacheDir, RUNS_SECTION);
  if ((await lstat(folder).catch(() => undefined))?.isDirectory() !== true) return [];
  const self = await describeSelf();
  const found: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) continue;
    const mark = stats.isFile() && stats.size <= MAX_MARK_BYTES ? await readMark(path) : undefined;
    const isOther = mark !== undefined && mark.namespace !== self.namespace;
    if (isOther && Date.now() - stats.mtimeMs < BELIEVED_MS) found.push('a container');
    else if (!isOther && mark !== undefined && (await readStartTicks(mark.pid)) === mark.startTicks) {
      if (mark.pid !== process.pid) found.push(`process ${mark.pid}`);
    } else await rm(path, { force: true }).catch(() => undefined);
  }
  return found;
}

async function describeSelf(): Promise<Mark> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => 'unknown');
  return { pid: process.pid, namespace, startTicks: (await readStartTicks(process.pid)) ?? 'unknown' };
}

async function readMark(path: string): Promise<Mark | undefined> {
  try {
    return markSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat (proc(5)). The name in field 2 may have spaces and brackets, so count from its end. */
async function readStartTicks(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}
