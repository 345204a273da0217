import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { ToolFailedError, VerificationError } from '../../core/errors.ts';
import type { Disk } from '../../core/model.ts';
import { type DebugfsScript, parseDebugfsErrors } from '../../formats/ext4/debugfs-script.ts';
import { DISK_NAME, withDiskFolder } from './disk-folder.ts';
import { copyPartitionIn, copyPartitionOut } from './partition-copy.ts';
import { describeFindings, runFsck } from './run-fsck.ts';

/**
 * e2fsck(8), a sum of: errors corrected (1), reboot advised (2), errors left (4), operational error (8). With -n any of
 * them means "not clean": 8 is what it gives up with on a file system too damaged for it, or crashes with.
 */
const E2FSCK_NOT_CLEAN = Array.from({ length: 15 }, (_, index) => index + 1);
/** It then checks with the backup, finds nothing wrong, and ends with 0; the kernel and wwanpi read the primary. */
const USES_BACKUP = /trying backup blocks/;

/**
 * Changes the root file system with debugfs, in place and without privileges. The same script and time
 * give the same bytes: E2FSPROGS_FAKE_TIME replaces the clock (SOURCE_DATE_EPOCH does so from 1.47.1 on).
 * @param script from `formatDebugfsScript`
 * @throws ToolFailedError when debugfs prints any error; the disk is then half written
 */
export async function writeExt4(
  context: Context,
  disk: Disk,
  script: DebugfsScript,
  epochSeconds: number,
): Promise<void> {
  if (script.text === '') return;
  await withDiskFolder(context, disk.path, async (folder) => {
    // 0600: the script may contain secrets, and the folder for temporary files may be shared.
    for (const { name, content } of script.files) {
      if (content instanceof Uint8Array) await writeFile(join(folder, name), content, { mode: 0o600 });
      else await symlink(content.path, join(folder, name));
    }
    await writeFile(join(folder, 'script'), script.text);
    const { stderr } = await context.exec(['debugfs', '-w', '-f', 'script', getVolume(disk)], {
      cwd: folder,
      env: fakeTime(epochSeconds),
    });
    const complaints = parseDebugfsErrors(stderr);
    if (complaints.length > 0) {
      throw new ToolFailedError('debugfs could not write the root file system', {
        detail: complaints.join('\n'),
      });
    }
  });
}

/**
 * Checks the root file system without changing it.
 * @throws VerificationError with e2fsck's findings, or when it comes to no end
 */
export async function checkExt4(context: Context, disk: Disk): Promise<void> {
  await withDiskFolder(context, disk.path, async (folder) => {
    const argv = ['e2fsck', '-fn', getVolume(disk)] as const;
    const result = await runFsck(context, argv, disk.layout.root.sizeBytes, {
      cwd: folder,
      // Times in the image may be ahead of this machine's clock, which e2fsck reports as damage.
      env: { E2FSCK_TIME: String(2 ** 31 - 1) },
      okExitCodes: E2FSCK_NOT_CLEAN,
    });
    if (result.exitCode !== 0 || USES_BACKUP.test(result.stdout + result.stderr)) {
      throw new VerificationError('e2fsck finds errors in the root file system', {
        detail: describeFindings(result),
      });
    }
  });
}

/**
 * Replays the journal and removes orphans, as the kernel does at the next mount after a power cut: files that were deleted
 * while a program had them open. Without -f, e2fsck stops there, but with the feature orphan_file it counts everything
 * again, as it must. The root file system is copied out and
 * back, because e2fsck reopens the file after the replay and then forgets the offset (1.47.0, journal.c,
 * e2fsck_run_ext3_journal).
 * @throws ToolFailedError when the journal cannot be read
 */
export async function replayJournal(context: Context, disk: Disk): Promise<void> {
  await withDiskFolder(context, disk.path, async (folder) => {
    const copy = 'root.ext4';
    await copyPartitionOut(disk.path, disk.layout.root, join(folder, copy));
    // 1: it changed something; 4: it found what only `checkExt4` may judge (e2fsck(8)).
    await context.exec(['e2fsck', '-p', copy], {
      cwd: folder,
      env: { E2FSCK_TIME: String(2 ** 31 - 1) },
      okExitCodes: [1, 4],
    });
    await copyPartitionIn(join(folder, copy), disk.path, disk.layout.root);
  });
}

/**
 * Grows the root file system into its partition, which the caller has enlarged. It is copied out and back: resize2fs
 * works at an offset, but then truncates the file to the file system's size (1.47.0, main.c, "truncate device") and so
 * loses the end of the disk.
 * @param blocks its new size in its own blocks
 */
export async function growExt4(
  context: Context,
  disk: Disk,
  blocks: number,
  epochSeconds: number,
): Promise<void> {
  await withDiskFolder(context, disk.path, async (folder) => {
    const copy = 'root.ext4';
    await copyPartitionOut(disk.path, disk.layout.root, join(folder, copy));
    // -f: for a file system that was ever mounted resize2fs requires `e2fsck -f`, which the caller has run.
    await context.exec(['resize2fs', '-f', copy, String(blocks)], {
      cwd: folder,
      env: fakeTime(epochSeconds),
    });
    await copyPartitionIn(join(folder, copy), disk.path, disk.layout.root);
  });
}

/** The name by which e2fsprogs opens a partition of a disk (io_manager option `offset`, in bytes). */
function getVolume(disk: Disk): string {
  return `${DISK_NAME}?offset=${disk.layout.root.offsetBytes}`;
}

function fakeTime(epochSeconds: number): Record<string, string> {
  return { E2FSPROGS_FAKE_TIME: String(epochSeconds) };
}
