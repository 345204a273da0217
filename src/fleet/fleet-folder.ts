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

/** Hidden and not in SHA256SUMS, so that it is not published, because secrets are part of its keys. */
const STATE_NAME = '.wwanpi-fleet.json';

/** Reads the state of earlier runs from an output folder; empty if there is none. */
export async function readFleetState(folder: string): Promise<FleetState> {
  const text = await readFile(join(folder, STATE_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return parseState(text);
}

/** Writes the state, readable only by its owner. */
export async function writeFleetState(folder: string, state: FleetState): Promise<void> {
  await writeFileAtomic(join(folder, STATE_NAME), formatState(state), 0o600);
}

/** Records the stamps of files, so that a later run can tell whether they changed. */
export async function stampFiles(
  folder: string,
  files: readonly ReleaseFile[],
): Promise<Record<string, FileStamp>> {
  const stamps = await Promise.all(
    files.map(async ({ name }) => [name, await stampFile(join(folder, name))] as const),
  );
  return Object.fromEntries(stamps.flatMap(([name, stamp]) => (stamp === undefined ? [] : [[name, stamp]])));
}

/** Whether every file of a record is unchanged; reads a file only if its stamp differs. */
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
