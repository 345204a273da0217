import type { Context } from '../core/context.ts';
import { InputError, VerificationError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { checkExt4 } from '../tools/disk/ext4.ts';
import { checkFat } from '../tools/disk/fat.ts';
import { withImageTree } from './image-tree.ts';

/**
 * Checks both file systems of a base before anything is written, so that damage in the base is not blamed on wwanpi.
 * A root with an unreplayed journal is refused: readers would see old data, and the next mount would undo what
 * debugfs writes.
 * @throws InputError
 */
export async function assertCleanBase(context: Context, disk: Disk): Promise<void> {
  const { needsRecovery, hasErrors } = await withImageTree(disk, async ({ ext4 }) => ext4.superblock);
  if (needsRecovery) throw isUnclean(disk);
  try {
    await checkExt4(context, disk);
    await checkFat(context, disk);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    throw new InputError(`the base image is damaged: ${error.message}`, {
      hint: 'fetch it again, or start from a stock image',
      detail: error.detail,
    });
  }
  if (hasErrors) {
    context.report.warn(
      `the root file system of ${disk.path} is marked as having errors, though e2fsck finds none now: files may be lost or wrong. ${formatRepair(disk)} clears the mark`,
    );
  }
}

function isUnclean(disk: Disk): InputError {
  return new InputError(
    `the root file system of ${disk.path} was not unmounted: its journal is not replayed`,
    { hint: `start from a stock image, or repair a copy: ${formatRepair(disk)}` },
  );
}

function formatRepair({ path, layout }: Disk): string {
  return `e2fsck -fp '${path}?offset=${layout.root.offsetBytes}'`;
}
