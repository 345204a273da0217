import { truncate } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { openDisk } from './open-disk.ts';

/** Flashers that verify by .bmap need whole blocks of this size (balenaEtcher, bmaptool). */
const BLOCK_BYTES = 4096;

/**
 * Makes the copy of the base that a build changes, and reports it as a step.
 * @returns the copy; see `copyDisk`
 */
export async function copyBase(context: Context, base: Disk, destination: string): Promise<Disk> {
  const done = context.report.step('Copy');
  const copy = await copyDisk(context, base, destination);
  done();
  return copy;
}

/**
 * Copies a disk: shares blocks where the file system can (reflink), keeps holes, and pads
 * the copy to a multiple of 4 KiB.
 */
export async function copyDisk(context: Context, disk: Disk, destination: string): Promise<Disk> {
  await context.exec([
    'cp',
    '--reflink=auto',
    '--sparse=always',
    '--no-preserve=mode',
    disk.path,
    destination,
  ]);
  const { sizeBytes } = disk.layout;
  if (sizeBytes % BLOCK_BYTES !== 0) {
    await truncate(destination, Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES);
  }
  return openDisk(destination);
}
