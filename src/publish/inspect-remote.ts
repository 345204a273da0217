import type { Context } from '../core/context.ts';
import { NetworkError, VerificationError } from '../core/errors.ts';
import {
  finishRelease,
  HISTORY_NAME,
  parseHistory,
  type ReleaseHistory,
} from '../formats/release-files/release-history.ts';
import { formatBytes } from '../formats/units.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { listFiles, readSmallFile, statDisk } from '../tools/ssh/sftp.ts';
import { findSameSized, type PublishPlan, planPublish, type RemoteFolder } from './plan-publish.ts';
import { CHECKSUMS_NAME, type Release, remotePath } from './release.ts';
import type { Server } from './upload-file.ts';

/** A list of a thousand images is far below. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/**
 * What lies in the folder over there; a folder that is not there yet is empty.
 * @throws VerificationError when its history is not one
 */
export async function readRemoteFolder({ ssh, folder }: Server): Promise<RemoteFolder> {
  const found = await listFiles(ssh, folder);
  const sizes = found ?? new Map<string, number>();
  const readText = async (name: string) => {
    if (!sizes.has(name)) return undefined;
    return (await readSmallFile(ssh, remotePath(folder, name), MAX_TEXT_BYTES))?.toString('utf8');
  };
  const checksums = await readText(CHECKSUMS_NAME);
  const history = readHistory(remotePath(folder, HISTORY_NAME), await readText(HISTORY_NAME));
  return {
    exists: found !== undefined,
    sizes,
    checksums,
    // A run that was cut right after its SHA256SUMS got its name could not say so any more.
    history: checksums === undefined ? history : finishRelease(history, sha256Text(checksums)),
  };
}

/** Compares the release with what is there and plans what to send. */
export async function comparePlan(
  context: Context,
  { hasher, folder }: Server,
  release: Release,
  remote: RemoteFolder,
  known: Set<string>,
): Promise<PublishPlan> {
  const candidates = findSameSized(release, remote).filter(({ name }) => !known.has(name));
  const totalBytes = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const bar = context.report.progress('Compare', totalBytes);
  let doneBytes = 0;
  try {
    for (const { name, sizeBytes, sha256 } of candidates) {
      const before = doneBytes;
      const there = await hasher.hash(remotePath(folder, name), sizeBytes, sizeBytes, (count) => {
        doneBytes += count;
        bar.update(doneBytes);
      });
      doneBytes = before + sizeBytes;
      bar.update(doneBytes);
      if (there === sha256) known.add(name);
    }
  } finally {
    bar.done();
  }
  const plan = planPublish(release, remote, known);
  context.report.step('Compare')(
    `${plan.same.length} of ${release.entries.length} files are there already (${hasher.kind}), ${formatBytes(plan.sendBytes)} to send`,
  );
  return plan;
}

/** @throws NetworkError when the disk over there is read-only or has no room for what is to be sent */
export async function checkRoom({ ssh }: Server, folder: string, plan: PublishPlan): Promise<void> {
  if (plan.send.length === 0) return;
  const disk = await statDisk(ssh, folder);
  if (disk?.isReadOnly) throw new NetworkError(`the disk of ${folder} over there is read-only`);
  if (disk === undefined || disk.freeBytes >= plan.sendBytes) return;
  throw new NetworkError(
    `there is no room in ${folder} over there: ${formatBytes(plan.sendBytes)} to send, ${formatBytes(disk.freeBytes)} left; nothing was sent`,
    { hint: 'make room there: old and new files lie side by side until the release is whole' },
  );
}

function readHistory(path: string, text: string | undefined): ReleaseHistory {
  if (text === undefined) return [];
  const history = parseHistory(text);
  if (history !== undefined) return history;
  throw new VerificationError(`${path} over there is no history that this wwanpi can read`, {
    hint: 'a later wwanpi wrote it, or something damaged it; moved away, publishing works, but what is there now is never pruned',
  });
}
