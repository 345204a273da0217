import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from '../../core/errors.ts';
import type { ReadBytes } from '../../formats/tree-reader.ts';
import { allocateAligned, openTarget, readAt, type Target, writeAt } from './block-device.ts';

/** A file or device that is read and written in places. */
export interface RandomAccess {
  readonly path: string;
  readonly sizeBytes: number;
  /** What is written in one piece, whatever happens: a sector. */
  readonly sectorBytes: number;
  readonly read: ReadBytes;
  /** Writes and waits until it is on the disk. */
  write(offsetBytes: number, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for reading alone; `write` fails. */
export async function openFileToRead(path: string): Promise<RandomAccess> {
  // Without O_NONBLOCK, opening a FIFO blocks until someone writes to it.
  return openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/**
 * Opens a file for changes in place, or a device past the page cache and for this process alone.
 * @throws what open(2) says, such as EBUSY of a device that is mounted
 */
export async function openToChange(path: string, isDevice: boolean): Promise<RandomAccess> {
  if (!isDevice) return openFile(path, constants.O_RDWR | constants.O_NOFOLLOW);
  const target = await openTarget(path);
  const { sizeBytes, sectorBytes } = target;
  return {
    path,
    sizeBytes,
    sectorBytes,
    read: (offset, length) => readSectors(target, offset, length),
    write: async (offset, bytes) => {
      const start = Math.floor(offset / sectorBytes) * sectorBytes;
      const end = Math.ceil((offset + bytes.length) / sectorBytes) * sectorBytes;
      const memory = allocateAligned(end - start);
      memory.set(await readSectors(target, start, end - start));
      memory.set(bytes, offset - start);
      if ((await writeAt(target, memory, start)) < memory.length) throw cutShort(path);
      await target.file.sync();
    },
    close: () => target.file.close(),
  };
}

async function openFile(path: string, flags: number): Promise<RandomAccess> {
  const file = await open(path, flags);
  const { size } = await file.stat();
  const target: Target = { path, file, isDevice: false, sizeBytes: size, sectorBytes: 1 };
  return {
    path,
    sizeBytes: size,
    sectorBytes: 512,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      if ((await readAt(target, bytes, offset)) < length) throw cutShort(path);
      return bytes;
    },
    write: async (offset, bytes) => {
      await writeAt(target, bytes, offset);
      await file.sync();
    },
    close: () => file.close(),
  };
}

async function readSectors(target: Target, offset: number, length: number): Promise<Uint8Array> {
  const { sectorBytes, path } = target;
  const start = Math.floor(offset / sectorBytes) * sectorBytes;
  const end = Math.ceil((offset + length) / sectorBytes) * sectorBytes;
  const memory = allocateAligned(end - start);
  if ((await readAt(target, memory, start)) < memory.length) throw cutShort(path);
  return Uint8Array.from(memory.subarray(offset - start, offset - start + length));
}

function cutShort(path: string): InputError {
  return new InputError(`${path} is cut short`, { hint: 'copy or download it again' });
}
