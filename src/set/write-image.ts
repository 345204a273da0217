import { constants, copyFile, rm, stat, writeFile } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { copyDisk } from '../image/copy-base.ts';
import { openDisk } from '../image/open-disk.ts';
import { openToChange } from '../tools/disk/random-access.ts';
import { getPartialPath } from '../tools/files/partial.ts';
import { replaceFile } from '../tools/files/replace-file.ts';
import { compressZstd } from '../tools/zstd.ts';
import type { PlannedImage } from './plan-image.ts';
import { writeCard } from './write-card.ts';

/** zstd(1)'s default, and the one of `wwanpi build`: a frame does not record its level. */
const ZSTD_LEVEL = 3;

/**
 * Changes an image in place, or writes a copy of it that shares blocks where the file system can. An .img.zst is
 * compressed again in both cases.
 * @param destination the image's own path, or that of the copy
 */
export async function writeImage(context: Context, image: PlannedImage, destination: string): Promise<void> {
  if (image.format === 'zst') {
    await writeZstd(context, image, destination);
  } else if (destination === image.path) {
    await changePlace(image, destination);
  } else {
    await replaceFile(destination, async (partial) => {
      await copyFile(image.path, partial, constants.COPYFILE_FICLONE);
      await changePlace(image, partial);
    });
  }
}

async function changePlace({ place, edit }: PlannedImage, path: string): Promise<void> {
  const access = await openToChange(path, false);
  try {
    await writeCard(access, place, edit.content);
  } finally {
    await access.close();
  }
}

async function writeZstd(context: Context, image: PlannedImage, destination: string): Promise<void> {
  const { mode } = await stat(image.path);
  const disk = `${getPartialPath(destination)}.img`;
  try {
    await copyDisk(context, await openDisk(image.diskPath ?? ''), disk);
    await changePlace(image, disk);
    await replaceFile(destination, async (partial) => {
      await writeFile(partial, '', { mode: mode & 0o777 });
      await compressZstd(context, disk, partial, ZSTD_LEVEL);
    });
  } finally {
    await rm(disk, { force: true });
  }
}
