import { constants, open } from 'node:fs/promises';
import { explainFileError, InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { parseMbr, SECTOR_BYTES } from '../formats/mbr.ts';

/**
 * Reads the partition table of a raw .img.
 * @throws InputError when the file does not exist, is not a Raspberry Pi image, or is truncated
 */
export async function openDisk(path: string): Promise<Disk> {
  // Without O_NONBLOCK, opening a FIFO blocks until someone writes to it, and no signal interrupts it.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read the image ${path}: ${explainFileError(error)}`, { cause: error });
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new InputError(`${path} is not a file; an .img is needed`);
    const sector = new Uint8Array(SECTOR_BYTES);
    const { bytesRead } = await handle.read(sector, 0, SECTOR_BYTES, 0);
    return { path, layout: parseMbr(sector.subarray(0, bytesRead), stat.size) };
  } finally {
    await handle.close();
  }
}
