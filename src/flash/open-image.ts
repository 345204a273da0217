import { open, stat } from 'node:fs/promises';
import { InputError, ToolFailedError } from '../core/errors.ts';
import type { Exec } from '../core/exec.ts';
import { readZstdContentSize } from '../formats/release-files/zstd-frame.ts';
import { type ArchiveFormat, detectFormat, readZipSize } from '../tools/archive.ts';
import { readXzSize } from '../tools/xz.ts';

/** The hint for an image that is damaged or cut short. */
export const FETCH_AGAIN = 'fetch or build the image again, with its .bmap';

/** An image, and what is known of it before it is unpacked. */
export interface ImageFile {
  readonly path: string;
  readonly format: ArchiveFormat;
  /** Size of the file, compressed or not. */
  readonly fileBytes: number;
  /** Size of the raw disk; undefined for .img.gz and some .img.zst, which do not record it. */
  readonly diskBytes: number | undefined;
}

/**
 * Detects the format of an image to be flashed from its first bytes, not from its name.
 * @throws InputError when the file cannot be read or is not a disk image
 */
export async function detectImageFormat(path: string): Promise<ArchiveFormat> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isBlockDevice()) {
    throw new InputError(`${path} is a device; the image comes first: wwanpi flash IMAGE ${path}`);
  }
  return detectFormat(path);
}

/**
 * Finds the size of an image, compressed and (if the file records it) uncompressed.
 * @throws InputError when an .xz or .zip is truncated, or damaged at its end, where its index is
 */
export async function openImage(exec: Exec, path: string, format: ArchiveFormat): Promise<ImageFile> {
  const { size: fileBytes } = await stat(path);
  const sizes = {
    img: async () => fileBytes,
    xz: () => readXzSize(exec, path).catch(sayCutShort(path)),
    zst: async () => readZstdContentSize(await readHead(path)),
    gz: async () => undefined,
    zip: () => readZipSize(path),
  };
  return { path, format, fileBytes, diskBytes: await sizes[format]() };
}

function sayCutShort(path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new InputError(`${path} is damaged or cut short`, {
      hint: 'fetch or build it again',
      cause: error,
      detail: error.detail,
    });
  };
}

async function readHead(path: string): Promise<Buffer> {
  const head = Buffer.alloc(18);
  const file = await open(path);
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  return head;
}
