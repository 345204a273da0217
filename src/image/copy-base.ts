import { truncate } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { openDisk } from './open-disk.ts';

/** Flashers that verify by .bmap need whole blocks of this size (balenaEtcher, bmaptool). */
const BLOCK_BYTES = 4096;

/**
 * A copy of the base to change: shares its blocks where the file system can (reflink), keeps its holes, and
 * is padded to a multiple of 4 KiB.
 */
export async function copyBase(context: Context, base: Disk, destination: string): Promise<Disk> {
  await context.exec([
    'cp',
    '--reflink=auto',
    '--sparse=always',
    '--no-preserve=mode',
    base.path,
    destination,
  ]);
  const { sizeBytes } = base.layout;
  if (sizeBytes % BLOCK_BYTES !== 0) {
    await truncate(destination, Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES);
  }
  return openDisk(destination);
}
