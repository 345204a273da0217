import { createReadStream } from 'node:fs';
import { constants, open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import lzma from 'lzma-native';
import yauzl from 'yauzl';
import { AppError, explainFileError, InputError, InterruptedError, ToolFailedError } from '../core/errors.ts';
import { isXz } from '../formats/release-files/xz-index.ts';
import { ZSTD_MAGIC } from '../formats/release-files/zstd-frame.ts';
import { decompressZstd } from './zstd.ts';

/** The format of an image file: a raw disk, or an archive with one. */
export type ArchiveFormat = 'img' | 'zip' | 'xz' | 'zst' | 'gz';

/** For `readArchive`. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes read so far: of the archive's file, or for .zip and .zst of the decompressed disk. */
  readonly onRead?: (bytes: number) => void;
}

/** lzma/container.h. The types of lzma-native ask for a name, but its code takes the number. */
const LZMA_CONCATENATED = 0x08;

/** xz -9 needs 65 MiB to decompress; no real image needs much more. */
const XZ_MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;

/**
 * The format of a file, by its first bytes and not its name: zip, .xz, Zstandard, gzip, or a raw disk (boot signature
 * 0x55AA at byte 510).
 * @throws InputError when it is none of them or cannot be read.
 */
export async function detectFormat(path: string): Promise<ArchiveFormat> {
  const head = Buffer.alloc(512);
  // Without O_NONBLOCK, opening a FIFO blocks until someone writes to it, and no signal interrupts it.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read ${path}: ${explainFileError(error)}`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw new InputError(`${path} is not a file; an .img is needed, or an archive of one`);
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  if (head.readUInt32BE(0) === 0x504b0304) return 'zip';
  if (isXz(head)) return 'xz';
  if (head.readUInt32LE(0) === ZSTD_MAGIC) return 'zst';
  if (head.readUInt16BE(0) === 0x1f8b) return 'gz';
  if (head.readUInt16BE(510) === 0x55aa) return 'img';
  throw new InputError(
    `${path} is not a disk image: neither a raw .img nor a .zip, .img.xz, .img.zst or .img.gz with one`,
    {
      hint: 'give a Raspberry Pi OS image as it was downloaded',
    },
  );
}

/**
 * Passes the disk inside an archive to `consume` as a stream; only a few chunks of it are in memory.
 * @throws InputError when the archive is cut short or damaged, or is a zip without exactly one .img.
 */
export async function readArchive<T>(
  path: string,
  format: Exclude<ArchiveFormat, 'img'>,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
  options: ReadOptions,
): Promise<T> {
  if (format === 'zip') return readZip(path, consume, options);
  if (format === 'zst') return readZst(path, consume, options);
  const decoder =
    format === 'gz'
      ? createGunzip({ chunkSize: 1 << 18 })
      : (lzma.createStream('streamDecoder', {
          flags: LZMA_CONCATENATED as unknown as 'CONCATENATED',
          memlimit: XZ_MEMORY_LIMIT_BYTES,
          bufsize: 1 << 18,
        }) as unknown as Transform);
  return pump(path, [createReadStream(path, { highWaterMark: 1 << 18 }), decoder], consume, options);
}

/**
 * The size of the .img in a zip, in bytes, as its directory says.
 * @throws InputError when it is damaged, or has not exactly one .img
 */
export async function readZipSize(path: string): Promise<number> {
  return withZipImage(path, async (_zip, entry) => entry.uncompressedSize);
}

function readZip<T>(
  path: string,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
  options: ReadOptions,
): Promise<T> {
  return withZipImage(path, async (zip, entry) => {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(damaged(path, error)) : resolve(opened)));
    });
    return pump(path, [stream, checkCrc(entry.crc32)], consume, options);
  });
}

async function withZipImage<T>(
  path: string,
  use: (zip: yauzl.ZipFile, image: yauzl.Entry) => Promise<T>,
): Promise<T> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? reject(damaged(path, error)) : resolve(opened),
    );
  });
  try {
    const images = (await listEntries(path, zip)).filter((entry) => /\.img$/i.test(entry.fileName));
    const [image] = images;
    if (image === undefined || images.length > 1) {
      const names = images.map(({ fileName }) => fileName).join(', ');
      throw new InputError(
        `${path} must hold exactly one .img, and has ${images.length === 0 ? 'none' : `${images.length}: ${names}`}`,
      );
    }
    return await use(zip, image);
  } finally {
    zip.close();
  }
}

/** By the host's zstd: Node.js has a decoder only from 22.15 on. */
async function readZst<T>(
  path: string,
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
  { signal, onRead }: ReadOptions,
): Promise<T> {
  async function* count(disk: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    let bytes = 0;
    for await (const chunk of disk) {
      bytes += chunk.length;
      onRead?.(bytes);
      yield chunk;
    }
  }
  return decompressZstd(path, signal, (disk) => consume(count(disk))).catch((error: unknown) => {
    throw error instanceof ToolFailedError ? damaged(path, error) : error;
  });
}

function listEntries(path: string, zip: yauzl.ZipFile): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  return new Promise((resolve, reject) => {
    zip.on('error', (error: Error) => reject(damaged(path, error)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: yauzl.Entry) => {
      // An image comes alone or with a few notes; a zip with a long directory is something else.
      if (entries.push(entry) > 1000) reject(new InputError(`${path} holds too many files to be an image`));
      else zip.readEntry();
    });
    zip.readEntry();
  });
}

async function pump<T>(
  path: string,
  streams: readonly [Readable, ...Transform[]],
  consume: (disk: AsyncIterable<Uint8Array>) => Promise<T>,
  options: ReadOptions,
): Promise<T> {
  let consuming: Promise<T> | undefined;
  let readBytes = 0;
  const [source, ...decoders] = streams;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      readBytes += chunk.length;
      options.onRead?.(readBytes);
      callback(null, chunk);
    },
  });
  const sink = async (disk: AsyncIterable<Uint8Array>) => {
    consuming = consume(disk);
    await consuming;
  };
  try {
    await pipeline([source, count, ...decoders, sink] as never, { signal: options.signal });
    return await (consuming as unknown as Promise<T>);
  } catch (thrown) {
    // When `consume` throws, the streams before it are destroyed, and pipeline() may report that first.
    const error = await Promise.resolve(consuming).then(
      () => thrown,
      (own: unknown) => own,
    );
    if (options.signal.aborted) throw new InterruptedError('interrupted');
    // A full disk or an oversized image is not an error of the archive.
    if (error instanceof AppError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw damaged(path, error);
  }
}

/** yauzl checks the size but not the CRC-32. */
function checkCrc(expected: number): Transform {
  let crc = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      crc = crc32(chunk, crc);
      callback(null, chunk);
    },
    flush(callback) {
      callback(crc === expected ? null : new Error('its checksum is wrong'));
    },
  });
}

/** LZMA_OPTIONS_ERROR of lzma/base.h: a filter or check that this liblzma (5.2) does not know, such as ARM64's. */
const LZMA_OPTIONS_ERROR = 8;
/** Of yauzl: an entry that is neither stored nor deflated, or is encrypted. */
const UNKNOWN_ZIP = /^unsupported compression method|encrypted/;

function damaged(path: string, error: unknown): InputError {
  const { message, code, detail } = error as Error & { code?: unknown; detail?: string };
  if (code === LZMA_OPTIONS_ERROR || UNKNOWN_ZIP.test(message)) {
    return new InputError(`${path} is packed in a way that wwanpi cannot read: ${message}`, {
      hint: 'unpack it with the program that packed it, such as xz, unzip or 7z, and give the .img',
      cause: error,
    });
  }
  return new InputError(`${path} is damaged or cut short: ${message}`, {
    hint: 'download it again and compare its SHA-256 with the published one',
    cause: error,
    ...(detail === undefined ? {} : { detail }),
  });
}
