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
 * Gives all uploads, each checked, their names, one right after the other and SHA256SUMS last: whoever reads that sees
 * the old release or the new one, or for the moment in which files of the same name are replaced none at all. A stopped
 * run ends it first.
 */
export async function switchRelease({ ssh, folder, pace }: Server, plan: PublishPlan): Promise<void> {
  const rename = ({ name }: ReleaseEntry) =>
    replaceFile(ssh, remotePath(folder, partName(name)), remotePath(folder, name));
  await ssh.uninterrupted(async () => {
    if (plan.withdraw) await removeFile(ssh, remotePath(folder, CHECKSUMS_NAME));
    for (const name of plan.staleSignatures) await removeFile(ssh, remotePath(folder, name));
    // Of the listed ones no order is better, and each waits for an answer: a slow line would make the moment long.
    const listed = plan.send.filter(({ role }) => role === 'listed');
    await forEachConcurrent(listed, pace.parallel, rename);
    for (const entry of plan.send.filter(({ role }) => role !== 'listed')) await rename(entry);
  });
}

/** Writes the folder's history, whole or not at all. */
export async function writeHistory({ ssh, folder }: Server, history: ReleaseHistory): Promise<void> {
  const path = remotePath(folder, HISTORY_NAME);
  const bytes = Buffer.from(formatHistory(history));
  await withRemoteFile(ssh, partName(path), 'w', (handle) =>
    ssh.request<void>((done) => ssh.sftp.write(handle, bytes, 0, bytes.length, 0, done as never)),
  );
  await replaceFile(ssh, partName(path), path);
}
