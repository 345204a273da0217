import { setMaxListeners } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from './context.ts';
import type { Reporter } from './report.ts';
import { createExec } from './tools/exec.ts';
import { removeStale } from './tools/stale.ts';

/** A context, and the file that has everything the programs it ran said. */
export interface Run {
  readonly context: Context;
  readonly logPath: string;
}

const LOGS_KEPT = 20;

/**
 * Owns what one run of the command has of the host: the temporary folder (gone when `fn` ends, however it
 * ends), the log under the cache, and the signal that SIGINT and SIGTERM abort.
 */
export async function withRun<T>(
  options: { report: Reporter; cacheDir?: string | undefined },
  fn: (run: Run) => Promise<T>,
): Promise<T> {
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const logFolder = join(cacheDir, 'logs');
  await mkdir(logFolder, { recursive: true });
  await removeOldLogs(logFolder);
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const logPath = join(logFolder, `${stamp}-${process.pid}.log`);
  const log = createWriteStream(logPath, { mode: 0o600 });
  await removeStale(tmpdir(), /^wwanpi-run-(\d+)-/);
  const tmpDir = await mkdtemp(join(tmpdir(), `wwanpi-run-${process.pid}-`));
  // For an exception nobody caught: then `finally` does not come, but this does.
  const removeTmpDir = (): void => rmSync(tmpDir, { recursive: true, force: true });
  process.on('exit', removeTmpDir);
  const abort = new AbortController();
  // Every child and every transfer listens to the one signal; Node's default of ten is for leaks.
  setMaxListeners(0, abort.signal);
  const stop = (): void => abort.abort();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  try {
    const exec = createExec({ signal: abort.signal, log: (text) => log.write(text) });
    return await fn({
      context: { exec, report: options.report, signal: abort.signal, cacheDir, tmpDir },
      logPath,
    });
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGHUP', stop);
    await rm(tmpDir, { recursive: true, force: true });
    process.off('exit', removeTmpDir);
    await new Promise((resolve) => log.end(resolve));
  }
}

/** `$XDG_CACHE_HOME/wwanpi`, by default ~/.cache/wwanpi (XDG Base Directory Specification). */
export function defaultCacheDir(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'wwanpi');
}

async function removeOldLogs(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  for (const name of names.slice(0, Math.max(0, names.length - LOGS_KEPT + 1))) {
    await rm(join(folder, name), { force: true });
  }
}
