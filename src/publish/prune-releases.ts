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
 * Removes the files that only releases older than the newest `keep` published. A file is removed only if the folder's
 * history lists it and it is unchanged: same size and, if sha256sum runs on the server, same hash. A changed file is
 * kept, with a warning.
 * @param sizes of the files on the server
 * @param removed receives the names of the files that were, or with `dryRun` would be, removed
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
      // A partial upload has no hash to compare with.
      if (name === file.name && !(await isAsPublished(server, file, sizes))) {
        context.report.warn(`${name} was changed after it was published: it is kept`);
        continue;
      }
      if (!options.dryRun) await removeFile(server.ssh, remotePath(server.folder, name));
      removed.add(name);
    }
  }
  if (!options.dryRun && plan.kept.length < history.length) await writeHistory(server, plan.kept);
}

/** Without sha256sum on the server only the size is compared: downloading an old image to remove it costs too much. */
async function isAsPublished(
  { hasher, folder }: Server,
  { name, sizeBytes, sha256 }: PublishedFile,
  sizes: ReadonlyMap<string, number>,
): Promise<boolean> {
  if (sizes.get(name) !== sizeBytes) return false;
  if (hasher.kind === 'read back') return true;
  return (await hasher.hash(remotePath(folder, name), sizeBytes, sizeBytes)) === sha256;
}
