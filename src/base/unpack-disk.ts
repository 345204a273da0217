import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { BugError, InputError, VerificationError } from '../core/errors.ts';
import { cached, findCached, type Proof } from '../host/cache.ts';
import { type ArchiveFormat, readArchive } from '../tools/archive.ts';
import { type SparseResult, writeSparse } from '../tools/files/sparse.ts';
import { assertRoom } from './assert-room.ts';

/** A base image as a raw disk. */
export interface UnpackedDisk {
  /** A sparse .img in the cache, or the user's own file; never written to. */
  readonly diskPath: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Its folder in the cache if it was there before; not checked against its SHA-256 yet. */
  readonly cacheEntry: string | undefined;
}

/** An archive that `fetchBase` found. */
export interface Archive {
  readonly archivePath: string;
  readonly format: ArchiveFormat;
  /** SHA-256 of the archive itself. */
  readonly sha256: string;
  /** Size of the .img inside, if known. */
  readonly imgBytes: number | undefined;
}

/** No SD card image is larger; bounds what a crafted archive can make us write. */
const MAX_IMG_BYTES = 64 * 1024 ** 3;
const SECTION = 'disks';
const IMG_NAME = 'disk.img';
const FACTS_NAME = 'disk.json';

/**
 * Unpacks an archive into a sparse .img in the cache, under the archive's SHA-256. A raw .img is used in place.
 * @throws InputError when the archive is truncated, damaged, or does not contain exactly one image.
 */
export async function unpackDisk(context: Context, archive: Archive): Promise<UnpackedDisk> {
  const { archivePath, format, sha256, imgBytes } = archive;
  if (format === 'img') {
    return {
      diskPath: archivePath,
      sha256,
      sizeBytes: (await stat(archivePath)).size,
      cacheEntry: undefined,
    };
  }
  const produce = async (folder: string): Promise<void> => {
    await assertRoom(context, folder, archive);
    const { size, mode } = await stat(archivePath);
    const isCountedUnpacked = format === 'zip' || format === 'zst';
    const bar = context.report.progress('unpacking the image', isCountedUnpacked ? imgBytes : size);
    try {
      const written = await readArchive(
        archivePath,
        format,
        // An archive that only its owner may read has a secret in it.
        (disk) =>
          writeSparse(disk, join(folder, IMG_NAME), {
            maxBytes: imgBytes ?? MAX_IMG_BYTES,
            mode: 0o600 | (mode & 0o666),
          }),
        { signal: context.signal, onRead: (bytes) => bar.update(bytes) },
      );
      if (imgBytes !== undefined && written.sizeBytes !== imgBytes) {
        throw new VerificationError(
          `the image in ${archivePath} has ${written.sizeBytes} bytes; ${imgBytes} were expected`,
        );
      }
      if (written.sizeBytes === 0) throw new InputError(`the image in ${archivePath} is empty`);
      await writeFile(join(folder, FACTS_NAME), JSON.stringify(written));
    } finally {
      bar.done();
    }
  };
  const { path, hit } = await cached(context, SECTION, sha256, produce, FACTS);
  return readUnpacked(path, hit ? 'from the cache' : 'new');
}

/**
 * The disk unpacked earlier from the archive with this SHA-256, if it is still in the cache. This checks its facts and
 * size; `withProvenBase` checks its content.
 */
export async function findUnpackedDisk(context: Context, sha256: string): Promise<UnpackedDisk | undefined> {
  const path = await findCached(context, SECTION, sha256, FACTS);
  return path === undefined ? undefined : readUnpacked(path, 'from the cache');
}

const FACTS: Proof = {
  seal: async () => undefined,
  findFault: async (folder) => {
    const facts = await readFacts(folder);
    if (facts === undefined) return `${FACTS_NAME} is missing or damaged`;
    const found = await stat(join(folder, IMG_NAME)).catch(() => undefined);
    if (found === undefined) return `${IMG_NAME} is missing`;
    return found.size === facts.sizeBytes ? undefined : `${IMG_NAME} has another size`;
  },
};

async function readUnpacked(folder: string, age: 'from the cache' | 'new'): Promise<UnpackedDisk> {
  const facts = await readFacts(folder);
  if (facts === undefined) throw new BugError(`${folder} has no facts`);
  return {
    diskPath: join(folder, IMG_NAME),
    ...facts,
    cacheEntry: age === 'new' ? undefined : folder,
  };
}

async function readFacts(folder: string): Promise<SparseResult | undefined> {
  try {
    const { sizeBytes, sha256 } = JSON.parse(await readFile(join(folder, FACTS_NAME), 'utf8'));
    if (!Number.isSafeInteger(sizeBytes) || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    return { sizeBytes, sha256 };
  } catch {
    return undefined;
  }
}
