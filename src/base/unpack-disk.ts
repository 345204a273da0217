import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, VerificationError } from '../core/errors.ts';
import { cached } from '../host/cache.ts';
import { type ArchiveFormat, readArchive } from '../tools/archive.ts';
import { writeSparse } from '../tools/files/sparse.ts';

/** A base image as a raw disk. */
export interface UnpackedDisk {
  /** A sparse .img in the cache, or the user's own file; never written to. */
  readonly diskPath: string;
  readonly sha256: string;
  readonly sizeBytes: number;
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
const IMG_NAME = 'disk.img';
const FACTS_NAME = 'disk.json';

/**
 * Unpacks an archive into a sparse .img in the cache, under the archive's SHA-256. A raw .img is used in place.
 * @throws InputError when the archive is truncated, damaged, or does not contain exactly one image.
 */
export async function unpackDisk(context: Context, archive: Archive): Promise<UnpackedDisk> {
  const { archivePath, format, sha256, imgBytes } = archive;
  if (format === 'img') {
    return { diskPath: archivePath, sha256, sizeBytes: (await stat(archivePath)).size };
  }
  const entry = await cached(context, 'disks', sha256, async (folder) => {
    const { size } = await stat(archivePath);
    const bar = context.report.progress('unpacking the base image', format === 'zip' ? imgBytes : size);
    try {
      const written = await readArchive(
        archivePath,
        format,
        (disk) => writeSparse(disk, join(folder, IMG_NAME), { maxBytes: imgBytes ?? MAX_IMG_BYTES }),
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
  });
  return readUnpacked(entry.path);
}

/** The disk unpacked earlier from the archive with this SHA-256, if it is still in the cache. */
export async function findUnpackedDisk(context: Context, sha256: string): Promise<UnpackedDisk | undefined> {
  const folder = join(context.cacheDir, 'disks', sha256);
  return readUnpacked(folder).catch(() => undefined);
}

async function readUnpacked(folder: string): Promise<UnpackedDisk> {
  const diskPath = join(folder, IMG_NAME);
  const facts = JSON.parse(await readFile(join(folder, FACTS_NAME), 'utf8')) as {
    sizeBytes: number;
    sha256: string;
  };
  if ((await stat(diskPath)).size !== facts.sizeBytes) {
    throw new VerificationError(`${diskPath} changed in the cache`, {
      hint: `delete the folder ${folder}; the next run makes it again`,
    });
  }
  return { diskPath, ...facts };
}
