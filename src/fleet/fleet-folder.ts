import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import type { ReleaseFile } from '../core/model.ts';
import { hashFile } from '../tools/files/hash.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import {
  type FileStamp,
  type FleetRecord,
  type FleetState,
  formatState,
  isSameStamp,
  parseState,
} from './fleet-state.ts';

/** Hidden and not among SHA256SUMS, so that it is not published: its keys are made from secrets too. */
const STATE_NAME = '.wwanpi-fleet.json';

/** The state earlier runs left in an output folder; empty where there is none. */
export async function readFleetState(folder: string): Promise<FleetState> {
  const text = await readFile(join(folder, STATE_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return parseState(text);
}

/** Writes the state, readable by its owner alone. */
export async function writeFleetState(folder: string, state: FleetState): Promise<void> {
  await writeFileAtomic(join(folder, STATE_NAME), formatState(state), 0o600);
}

/** What tells later that these files are still as they are now. */
export async function stampFiles(
  folder: string,
  files: readonly ReleaseFile[],
): Promise<Record<string, FileStamp>> {
  const stamps = await Promise.all(
    files.map(async ({ name }) => [name, await stampFile(join(folder, name))] as const),
  );
  return Object.fromEntries(stamps.flatMap(([name, stamp]) => (stamp === undefined ? [] : [[name, stamp]])));
}

/** Whether every file of a record is still there as it was written; reads a file only where its stamp differs. */
export async function areFilesIntact(
  context: Context,
  folder: string,
  record: FleetRecord,
): Promise<boolean> {
  for (const { name, sizeBytes, sha256 } of record.result.files) {
    const path = join(folder, name);
    const found = await stampFile(path);
    const known = record.stamps[name];
    if (found === undefined || found.sizeBytes !== sizeBytes) return false;
    if (known !== undefined && isSameStamp(found, known)) continue;
    if ((await hashFile(path, context.signal)) !== sha256) return false;
  }
  return true;
}

async function stampFile(path: string): Promise<FileStamp | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || !found.isFile()) return undefined;
  return { sizeBytes: found.size, mtimeMs: found.mtimeMs, inode: found.ino };
}
