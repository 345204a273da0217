import { constants } from 'node:fs';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';

/** Node has it, but the types of Node 20 do not. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number }) => { readonly buffer: ArrayBuffer };
};

/** An opened disk, or a file that stands for one. */
export interface Target {
  readonly path: string;
  readonly file: FileHandle;
  readonly isDevice: boolean;
  readonly sizeBytes: number;
  /** Every offset and length read or written is a multiple of this: 512, or 4096 on some disks; 1 of a file. */
  readonly sectorBytes: number;
}

/**
 * Opens a disk for exclusive writing: with O_EXCL the kernel refuses (EBUSY) a device that is mounted in any mount
 * namespace, is swap, or is in use by device-mapper, MD or ZFS (open(2)). O_DIRECT bypasses the page cache: reads come
 * from the card, a write error is reported at its place, and Ctrl-C does not wait for minutes of cached writes. A
 * regular file is written through the cache, and synced.
 */
export async function openTarget(path: string): Promise<Target> {
  const { O_RDWR, O_EXCL, O_DIRECT } = constants;
  const isDevice = (await stat(path)).isBlockDevice();
  const file = await open(path, isDevice ? O_RDWR | O_EXCL | O_DIRECT : O_RDWR);
  try {
    if (!isDevice) {
      const { size } = await file.stat();
      return { path, file, isDevice, sizeBytes: size, sectorBytes: 1 };
    }
    const folder = `/sys/dev/block/${formatMajorMinor((await file.stat()).rdev)}`;
    // In 512-byte units whatever the sector size (Documentation/ABI/stable/sysfs-block).
    const sizeBytes = 512 * Number(await readFile(`${folder}/size`, 'utf8'));
    const sectorBytes = Number(await readFile(`${folder}/queue/logical_block_size`, 'utf8'));
    return { path, file, isDevice, sizeBytes, sectorBytes };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The device number of a file system or device in lsblk(8)'s form, `8:17`. */
export function formatMajorMinor(dev: number): string {
  // glibc's gnu_dev_major(3): 12 + 20 bits for the major, 8 + 24 for the minor number, folded.
  const bits = BigInt(dev);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn);
  const minor = (bits & 0xffn) | ((bits >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}

/**
 * Memory for O_DIRECT, aligned to a page. Node's buffers are not aligned (malloc puts them 16 bytes after a page's
 * start), but the memory of WebAssembly comes from mmap(2).
 */
export function allocateAligned(sizeBytes: number): Buffer {
  const WASM_PAGE_BYTES = 65_536;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / WASM_PAGE_BYTES) });
  return Buffer.from(memory.buffer, 0, sizeBytes);
}

/** Writes all of `bytes` at `offsetBytes`. @returns the number of bytes written; fewer if the device ends before */
export async function writeAt(target: Target, bytes: Uint8Array, offsetBytes: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await target.file.write(bytes, done, bytes.length - done, offsetBytes + done);
    if (bytesWritten === 0) break;
    done += bytesWritten;
  }
  return done;
}

/** Fills `bytes` from `offsetBytes` on. @returns the number of bytes read; fewer if the device ends before */
export async function readAt(target: Target, bytes: Uint8Array, offsetBytes: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await target.file.read(bytes, done, bytes.length - done, offsetBytes + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
