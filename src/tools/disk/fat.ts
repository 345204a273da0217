import { open, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { VerificationError } from '../../core/errors.ts';
import type { Disk, StoredFile } from '../../core/model.ts';
import { checkFatPath } from '../../formats/fat/fat-path.ts';
import { DISK_NAME, withDiskFolder } from './disk-folder.ts';
import { copyPartitionOut } from './partition-copy.ts';
import { describeFindings, runFsck } from './run-fsck.ts';

/** One operation of mtools. Paths are absolute in the volume: `/cmdline.txt`. */
export type FatOperation =
  | { readonly kind: 'write'; readonly path: string; readonly content: Uint8Array | StoredFile }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rmdir'; readonly path: string };

/** The first time a FAT entry can have: 1980-01-01. */
const FAT_EPOCH_SECONDS = 315_532_800;

/**
 * Changes the boot file system with mtools, in place and without privileges. The same operations and time give
 * the same bytes: mtools takes creation, access and modification time from SOURCE_DATE_EPOCH.
 * @throws InputError for names that FAT or mtools does not allow, ToolFailedError when mtools fails
 */
export async function writeFat(
  context: Context,
  disk: Disk,
  operations: readonly FatOperation[],
  epochSeconds: number,
): Promise<void> {
  for (const { path } of operations) checkFatPath(path);
  await withDiskFolder(context, disk.path, async (folder) => {
    const volume = `${DISK_NAME}@@${disk.layout.boot.offsetBytes}`;
    const env = {
      // Ignores the user's ~/.mtoolsrc and its drive letters.
      MTOOLSRC: '/dev/null',
      // mtools checks sector counts against a floppy geometry, which images of cards do not have.
      MTOOLS_SKIP_CHECK: '1',
      SOURCE_DATE_EPOCH: String(Math.max(epochSeconds, FAT_EPOCH_SECONDS)),
    };
    const source = 'file';
    for (const operation of operations) {
      const path = `::${operation.path}`;
      switch (operation.kind) {
        case 'write':
          await rm(join(folder, source), { force: true });
          if (operation.content instanceof Uint8Array)
            await writeFile(join(folder, source), operation.content, { mode: 0o600 });
          else await symlink(operation.content.path, join(folder, source));
          await context.exec(['mcopy', '-i', volume, '-o', source, path], { cwd: folder, env });
          break;
        case 'mkdir':
          await context.exec(['mmd', '-i', volume, path], { cwd: folder, env });
          break;
        case 'unlink':
          await context.exec(['mdel', '-i', volume, path], { cwd: folder, env });
          break;
        case 'rmdir':
          await context.exec(['mrd', '-i', volume, path], { cwd: folder, env });
          break;
      }
    }
  });
}

/** The modification time that `writeFat` writes for `epochSeconds`: not before 1980, and even. */
export function fatSeconds(epochSeconds: number): number {
  const seconds = Math.max(epochSeconds, FAT_EPOCH_SECONDS);
  return seconds - (seconds % 2);
}

/**
 * Checks the boot file system without changing it. fsck.fat cannot look inside a disk, so the partition is
 * copied out first, holes left out.
 * @param when after a power cut, the mark of a file system in use is no error
 * @throws VerificationError with fsck.fat's findings, or when it comes to no end
 */
export async function checkFat(context: Context, disk: Disk, when?: 'after a power cut'): Promise<void> {
  await withDiskFolder(context, disk.path, async (folder) => {
    await copyPartitionOut(disk.path, disk.layout.boot, join(folder, 'boot.fat'));
    if (when !== undefined) await clearDirtyMark(join(folder, 'boot.fat'));
    const argv = ['fsck.fat', '-n', 'boot.fat'] as const;
    const result = await runFsck(context, argv, disk.layout.boot.sizeBytes, {
      cwd: folder,
      okExitCodes: [1],
    });
    if (result.exitCode !== 0) {
      throw new VerificationError('fsck.fat finds errors in the boot file system', {
        detail: describeFindings(result),
      });
    }
  });
}

/** Clears the lowest bit of BS_Reserved1 of a volume in a file: Linux sets it while the volume is mounted (fs/fat/inode.c, fat_set_state). */
export async function clearDirtyMark(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(512), 0, 512, 0);
    // FAT32 has no count of sectors per FAT in 16 bits (specification 1.03, BPB_FATSz16).
    const at = buffer.readUInt16LE(22) === 0 ? 65 : 37;
    await file.write(Uint8Array.of((buffer[at] ?? 0) & ~1), 0, 1, at);
  } finally {
    await file.close();
  }
}
