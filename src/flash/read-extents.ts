import { type FileHandle, open } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { AppError, InterruptedError, ToolFailedError, VerificationError } from '../core/errors.ts';
import type { ByteRange } from '../formats/byte-range.ts';
import { readArchive } from '../tools/archive.ts';
import { decompressXz } from '../tools/xz.ts';
import { decompressZstd } from '../tools/zstd.ts';
import type { ImageFile } from './open-image.ts';
import { FETCH_AGAIN } from './open-image.ts';

/** Consecutive bytes of an image. */
export interface Piece {
  readonly offsetBytes: number;
  /** Valid until the next piece is requested. */
  readonly bytes: Uint8Array;
}

const READ_BYTES = 1 << 20;

/**
 * Passes the bytes of an image that are in `extents`, in order, to `consume`. The other bytes of a compressed image
 * are decompressed and discarded; those of a raw image are not read. Decompression continues while `consume` works.
 * @throws VerificationError when the image is damaged or truncated; InputError for a .zip without exactly one .img
 */
export async function readImageExtents<T>(
  context: Context,
  image: ImageFile,
  extents: readonly ByteRange[],
  consume: (pieces: AsyncIterable<Piece>) => Promise<T>,
): Promise<T> {
  const { path, format } = image;
  const { signal } = context;
  if (format === 'img') {
    const file = await open(path);
    try {
      return await consume(readFileExtents(file, path, extents, signal));
    } finally {
      await file.close();
    }
  }
  const consumeDisk = (disk: AsyncIterable<Uint8Array>) =>
    consume(cutExtents(sayDamaged(disk, path), image, extents));
  if (format === 'xz') return decompressXz(path, signal, consumeDisk);
  if (format === 'zst') return decompressZstd(path, signal, consumeDisk);
  return readArchive(path, format, consumeDisk, { signal });
}

/** Damage that shows while the card is written has exit code 5, not the 2 of a file that is refused beforehand. */
async function* sayDamaged(disk: AsyncIterable<Uint8Array>, path: string): AsyncIterable<Uint8Array> {
  try {
    yield* disk;
  } catch (error) {
    if (error instanceof AppError && !(error instanceof ToolFailedError)) throw error;
    const { message, detail } = error as Error & { detail?: string };
    throw new VerificationError(`${path} is damaged or cut short: ${message}`, {
      hint: FETCH_AGAIN,
      cause: error,
      detail,
    });
  }
}

async function* readFileExtents(
  file: FileHandle,
  path: string,
  extents: readonly ByteRange[],
  signal: AbortSignal,
): AsyncIterable<Piece> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (const { start, end } of extents) {
    for (let at = start; at < end; ) {
      if (signal.aborted) throw new InterruptedError('interrupted');
      const length = Math.min(READ_BYTES, end - at);
      const { bytesRead } = await file.read(buffer, 0, length, at).catch((error: Error) => {
        throw new VerificationError(`cannot read ${path} at byte ${at}: ${error.message}`, { cause: error });
      });
      if (bytesRead === 0) throw new VerificationError(`${path} became shorter while it was read`);
      yield { offsetBytes: at, bytes: buffer.subarray(0, bytesRead) };
      at += bytesRead;
    }
  }
}

async function* cutExtents(
  disk: AsyncIterable<Uint8Array>,
  image: ImageFile,
  extents: readonly ByteRange[],
): AsyncIterable<Piece> {
  let position = 0;
  let current = 0;
  for await (const chunk of disk) {
    const chunkEnd = position + chunk.length;
    for (let extent = extents[current]; extent !== undefined; extent = extents[current]) {
      if (extent.start >= chunkEnd) break;
      const from = Math.max(extent.start, position);
      const bytes = chunk.subarray(from - position, extent.end - position);
      if (bytes.length > 0) yield { offsetBytes: from, bytes };
      if (extent.end > chunkEnd) break;
      current += 1;
    }
    position = chunkEnd;
  }
  const { diskBytes, path } = image;
  if (diskBytes !== undefined && position !== diskBytes) {
    throw new VerificationError(`${path} unpacks to ${position} bytes; ${diskBytes} were expected`, {
      hint: FETCH_AGAIN,
    });
  }
}
