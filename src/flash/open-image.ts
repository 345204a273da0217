import { open, stat } from 'node:fs/promises';
import { explainFileError, InputError, ToolFailedError } from '../core/errors.ts';
import type { Exec } from '../core/exec.ts';
import { readZstdContentSize, ZSTD_MAGIC } from '../formats/release-files/zstd-frame.ts';
import { detectFormat } from '../tools/archive.ts';
import { readXzSize } from '../tools/xz.ts';

/** The file format of an image. */
export type ImageFormat = 'img' | 'xz' | 'zst' | 'gz' | 'zip';

/** The hint for an image that is damaged or cut short. */
export const FETCH_AGAIN = 'fetch or build the image again, with its .bmap';

/** An image to be flashed. */
export interface ImageFile {
  readonly path: string;
  readonly format: ImageFormat;
  /** Size of the file, compressed or not. */
  readonly fileBytes: number;
  /** Size of the raw disk; undefined for .img.gz and some .img.zst, which do not record it. */
  readonly diskBytes: number | undefined;
}

/**
 * Detects the format of an image from its first bytes, not from its name.
 * @throws InputError when the file cannot be read or is not a disk image
 */
export async function detectImageFormat(path: string): Promise<ImageFormat> {
  const head = await readHead(path);
  return head.readUInt32LE(0) === ZSTD_MAGIC ? 'zst' : detectFormat(path);
}

/**
 * Finds the size of an image, compressed and (if the file records it) uncompressed.
 * @throws InputError when an .xz is truncated, or damaged at its end, where its index is
 */
export async function openImage(exec: Exec, path: string, format: ImageFormat): Promise<ImageFile> {
  const { size: fileBytes } = await stat(path);
  const sizes = {
    img: async () => fileBytes,
    xz: () => readXzSize(exec, path).catch(sayCutShort(path)),
    zst: async () => readZstdContentSize(await readHead(path)),
    gz: async () => undefined,
    zip: async () => undefined,
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
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read ${path}: ${explainFileError(error)}`);
  });
  if (stats.isBlockDevice()) {
    throw new InputError(`${path} is a device; the image comes first: wwanpi flash IMAGE ${path}`);
  }
  if (!stats.isFile()) throw new InputError(`${path} is not a file`);
  const file = await open(path);
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  return head;
}
