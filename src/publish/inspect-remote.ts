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

/** A list of a thousand images is far smaller. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/**
 * Reads the state of the folder on the server; a missing folder counts as empty.
 * @throws VerificationError when its history cannot be parsed
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
    // A run that was interrupted right after the rename of SHA256SUMS could not record the release.
    history: checksums === undefined ? history : finishRelease(history, sha256Text(checksums)),
  };
}

/** Compares the release with the files on the server and plans the upload. */
export async function comparePlan(
  context: Context,
  { hasher, folder }: Server,
  release: Release,
  remote: RemoteFolder,
  known: Set<string>,
): Promise<PublishPlan> {
  const candidates = findSameSized(release, remote).filter(({ name }) => !known.has(name));
  const totalBytes = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const step = context.report.step('Compare');
  let doneBytes = 0;
  for (const { name, sizeBytes, sha256 } of candidates) {
    const before = doneBytes;
    const there = await hasher.hash(remotePath(folder, name), sizeBytes, sizeBytes, (count) => {
      doneBytes += count;
      step.bytes(doneBytes, totalBytes);
    });
    doneBytes = before + sizeBytes;
    step.bytes(doneBytes, totalBytes);
    if (there === sha256) known.add(name);
  }
  const plan = planPublish(release, remote, known);
  step(
    `${plan.same.length} of ${release.entries.length} files are on the server already (${hasher.kind}), ${formatBytes(plan.sendBytes)} to send`,
  );
  return plan;
}

/** @throws NetworkError when the server's disk is read-only or has no room for the upload */
export async function checkRoom({ ssh }: Server, folder: string, plan: PublishPlan): Promise<void> {
  if (plan.send.length === 0) return;
  const disk = await statDisk(ssh, folder);
  if (disk?.isReadOnly) throw new NetworkError(`the server's disk with ${folder} is read-only`);
  if (disk === undefined || disk.freeBytes >= plan.sendBytes) return;
  throw new NetworkError(
    `not enough space in ${folder} on the server: ${formatBytes(plan.sendBytes)} to send, ${formatBytes(disk.freeBytes)} left; nothing was sent`,
    { hint: 'free space there: old files stay until the new release is complete' },
  );
}

function readHistory(path: string, text: string | undefined): ReleaseHistory {
  if (text === undefined) return [];
  const history = parseHistory(text);
  if (history !== undefined) return history;
  throw new VerificationError(`this wwanpi cannot read the history ${path} on the server`, {
    hint: 'a newer wwanpi wrote it, or it is damaged; move it away to publish again (files that are there now will then never be pruned)',
  });
}
