import {
  formatHistory,
  HISTORY_NAME,
  type ReleaseHistory,
} from '../formats/release-files/release-history.ts';
import { forEachConcurrent } from '../tools/files/for-each-concurrent.ts';
import { removeFile, replaceFile, withRemoteFile } from '../tools/ssh/sftp.ts';
import type { PublishPlan } from './plan-publish.ts';
import { CHECKSUMS_NAME, partName, type ReleaseEntry, remotePath } from './release.ts';
import type { Server } from './upload-file.ts';

/**
 * Renames all uploads to their final names, SHA256SUMS last. A reader of SHA256SUMS sees the old release or the new
 * one; while files of the same name are replaced, there is no SHA256SUMS. An interrupted run finishes the renames.
 */
export async function switchRelease({ ssh, folder, pace }: Server, plan: PublishPlan): Promise<void> {
  const rename = ({ name }: ReleaseEntry) =>
    replaceFile(ssh, remotePath(folder, partName(name)), remotePath(folder, name));
  await ssh.uninterrupted(async () => {
    if (plan.withdraw) await removeFile(ssh, remotePath(folder, CHECKSUMS_NAME));
    for (const name of plan.staleSignatures) await removeFile(ssh, remotePath(folder, name));
    // The order of the listed files does not matter, so rename them in parallel: on a slow line each answer takes long.
    const listed = plan.send.filter(({ role }) => role === 'listed');
    await forEachConcurrent(listed, pace.parallel, rename);
    for (const entry of plan.send.filter(({ role }) => role !== 'listed')) await rename(entry);
  });
}

/** Writes the folder's history atomically. */
export async function writeHistory({ ssh, folder }: Server, history: ReleaseHistory): Promise<void> {
  const path = remotePath(folder, HISTORY_NAME);
  const bytes = Buffer.from(formatHistory(history));
  await withRemoteFile(ssh, partName(path), 'w', (handle) =>
    ssh.request<void>((done) => ssh.sftp.write(handle, bytes, 0, bytes.length, 0, done as never)),
  );
  await replaceFile(ssh, partName(path), path);
}
