import type { Context } from '../core/context.ts';
import {
  type PublishedFile,
  planPrune,
  type ReleaseHistory,
} from '../formats/release-files/release-history.ts';
import { removeFile } from '../tools/ssh/sftp.ts';
import { partName, remotePath } from './release.ts';
import { writeHistory } from './switch-release.ts';
import type { Server } from './upload-file.ts';

/**
 * Removes what only releases older than the newest `keep` published. A file goes only if the folder's history has it
 * and it still is what was published: size and, where sha256sum runs, hash; any other stays, with a warning.
 * @param sizes of the files that are there
 * @param removed gets the names of the files that were, or with `dryRun` would be, removed
 */
export async function pruneReleases(
  context: Context,
  server: Server,
  history: ReleaseHistory,
  sizes: ReadonlyMap<string, number>,
  removed: Set<string>,
  options: { keep: number; dryRun: boolean },
): Promise<void> {
  const plan = planPrune(history, options.keep);
  for (const file of plan.files) {
    for (const name of [file.name, partName(file.name)]) {
      if (!sizes.has(name)) continue;
      // A part is a beginning: there is nothing to compare it with.
      if (name === file.name && !(await isAsPublished(server, file, sizes))) {
        context.report.warn(`${name} is not what was published under that name: it stays`);
        continue;
      }
      if (!options.dryRun) await removeFile(server.ssh, remotePath(server.folder, name));
      removed.add(name);
    }
  }
  if (!options.dryRun && plan.kept.length < history.length) await writeHistory(server, plan.kept);
}

/** Reading an old image back only to remove it would cost more than it is worth: then its size has to do. */
async function isAsPublished(
  { hasher, folder }: Server,
  { name, sizeBytes, sha256 }: PublishedFile,
  sizes: ReadonlyMap<string, number>,
): Promise<boolean> {
  if (sizes.get(name) !== sizeBytes) return false;
  if (hasher.kind === 'read back') return true;
  return (await hasher.hash(remotePath(folder, name), sizeBytes, sizeBytes)) === sha256;
}
