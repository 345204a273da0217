import { setMaxListeners } from 'node:events';
import { rmSync } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import type { Reporter } from '../core/reporter.ts';
import { createExec } from '../tools/exec.ts';
import { removeStale } from '../tools/files/stale.ts';
import { findForeignOwner, makePrivateFolder, type Owner } from './foreign-cache.ts';
import { markRun } from './run-mark.ts';
import { timeSteps } from './step-times.ts';

/** A context, and the log with the output of all programs that it ran. */
export interface Run {
  readonly context: Context;
  readonly logPath: string;
  /** Owner of the requested cache if root must not use it; `context` has an empty cache of root's own then. */
  readonly foreignOwner: Owner | undefined;
}

const LOGS_KEPT = 20;

/**
 * Owns the resources of one run of the command: the temporary folder, which is removed when `fn` ends or throws, the
 * log under the cache, and the signal that SIGINT and SIGTERM abort. For root with another user's cache, the run's cache
 * is an empty folder of root's own, removed at the end too.
 */
export async function withRun<T>(
  options: { report: Reporter; cacheDir?: string | undefined; requireUpdates?: boolean },
  fn: (run: Run) => Promise<T>,
): Promise<T> {
  // Absolute, because some programs run in other folders.
  const asked = resolve(options.cacheDir ?? defaultCacheDir());
  const foreignOwner = await findForeignOwner(asked);
  const apart = foreignOwner === undefined ? undefined : await makePrivateFolder();
  const cacheDir = apart === undefined ? asked : join(apart.path, 'cache');
  if (apart !== undefined) {
    const whose = `${asked} is the cache of another user (uid ${foreignOwner?.uid})`;
    options.report.info(`${whose}: as root, wwanpi reads nothing from it`);
  }
  const { path: logPath, file: logFile } = await openLog(
    apart === undefined ? join(cacheDir, 'logs') : undefined,
  );
  const log = logFile.createWriteStream();
  // A full disk costs the log, not the build; a step that needs the room fails with its own message.
  log.on('error', () => undefined);
  await removeStale(tmpdir(), /^wwanpi-run-(\d+)-/);
  const tmpDir = await mkdtemp(join(apart?.path ?? tmpdir(), `wwanpi-run-${process.pid}-`));
  const unmark = apart === undefined ? await markRun(cacheDir) : () => undefined;
  // For an exception that nobody caught: `finally` does not run then, but this does.
  const removeTmpDir = (): void => {
    rmSync(apart?.path ?? tmpDir, { recursive: true, force: true });
    unmark();
  };
  process.on('exit', removeTmpDir);
  const abort = new AbortController();
  // Every child and every transfer listens to this one signal; Node's default warns of a leak at eleven.
  setMaxListeners(0, abort.signal);
  const stop = (): void => {
    options.report.stopping();
    abort.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  try {
    const exec = createExec({ signal: abort.signal, log: (text) => log.write(text) });
    const { requireUpdates = false } = options;
    const { report, save } = await timeSteps(options.report, cacheDir);
    try {
      return await fn({
        context: { exec, report, signal: abort.signal, cacheDir, requireUpdates, tmpDir },
        logPath,
        foreignOwner,
      });
    } finally {
      await save();
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGHUP', stop);
    await rm(tmpDir, { recursive: true, force: true });
    await apart?.remove();
    unmark();
    process.off('exit', removeTmpDir);
    if (!log.destroyed) await new Promise<void>((done) => log.once('close', done).end());
  }
}

/** `$XDG_CACHE_HOME/wwanpi`, by default ~/.cache/wwanpi (XDG Base Directory Specification). */
export function defaultCacheDir(): string {
  return join(readVariable('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'wwanpi');
}

/** In the cache; if that is read-only or not to be used, among the temporary files. */
async function openLog(folder: string | undefined): Promise<{ path: string; file: FileHandle }> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const name = `${stamp}-${process.pid}.log`;
  const path = join(folder ?? '', name);
  try {
    if (folder !== undefined) {
      await mkdir(folder, { recursive: true });
      await removeOldLogs(folder);
      return { path, file: await open(path, 'wx', 0o600) };
    }
  } catch {
    // The build may find everything in the cache; a step that has to write there fails with its own message.
  }
  const elsewhere = join(tmpdir(), `wwanpi-${name}`);
  return { path: elsewhere, file: await open(elsewhere, 'wx', 0o600) };
}

async function removeOldLogs(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  for (const name of names.slice(0, Math.max(0, names.length - LOGS_KEPT + 1))) {
    await rm(join(folder, name), { force: true });
  }
}
