import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { NetworkError, VerificationError } from '../core/errors.ts';
import { cached, proveContent } from '../host/cache.ts';
import type { Apt } from '../tools/debian/apt.ts';
import { hashWithBar } from '../tools/files/hash-with-bar.ts';
import { type DownloadTuning, downloadFile } from '../tools/http.ts';
import { downloadUrls } from './bases.ts';
import type { DownloadedBase } from './named-base.ts';
import { findUnpackedDisk, type UnpackedDisk, unpackDisk } from './unpack-disk.ts';

/** How to fetch a base. */
export interface FetchBaseOptions {
  /** Root of a mirror of Raspberry Pi's download tree; WWANPI_DOWNLOADS_URL by default, if set. */
  readonly downloadsUrl?: string;
  readonly download?: DownloadTuning;
  /** Called when a base is not in the cache and is built, with the lists that it is built from. */
  readonly onBuild?: ((apt: Apt) => void) | undefined;
}

/**
 * The disk of a base that is published as an archive: from the cache, or downloaded and unpacked.
 * @throws NetworkError when no server has it, VerificationError when its hash is not the pinned one
 */
export async function fetchDownload(
  context: Context,
  base: DownloadedBase,
  options: FetchBaseOptions = {},
): Promise<UnpackedDisk> {
  const { sha256, format, imgBytes } = base;
  const known = await findUnpackedDisk(context, sha256);
  if (known !== undefined) return known;
  const archivePath = await fetchArchive(context, base, options);
  return unpackDisk(context, { archivePath, format, sha256, imgBytes });
}

/** Downloads the archive into the cache, if its hash is right. */
async function fetchArchive(
  context: Context,
  base: DownloadedBase,
  options: FetchBaseOptions,
): Promise<string> {
  const name = basename(base.path);
  const produce = async (folder: string): Promise<void> => {
    const urls = downloadUrls(base, options.downloadsUrl ?? readVariable('WWANPI_DOWNLOADS_URL'));
    // Outside the entry's folder, so that a later run can resume an interrupted download.
    const path = join(context.cacheDir, 'downloads', `.${name}`);
    const url = await downloadFirst(context, base, urls, path, options.download);
    const sha256 = await hashWithBar(context, `hashing ${name}`, path);
    if (sha256 !== base.sha256) {
      await rm(path, { force: true });
      throw new VerificationError(`${url} has SHA-256 ${sha256}; ${base.sha256} is pinned`, {
        hint: 'the file was deleted; run the command again, and if the hash is wrong again, do not trust the server',
      });
    }
    await rename(path, join(folder, name));
  };
  const proof = proveContent(name, base.sha256);
  const entry = await cached(context, 'downloads', base.sha256, produce, proof);
  return join(entry.path, name);
}

async function downloadFirst(
  context: Context,
  base: DownloadedBase,
  urls: readonly string[],
  path: string,
  options: DownloadTuning | undefined,
): Promise<string> {
  let failure: NetworkError | undefined;
  for (const url of urls) {
    // The last failure is told with the error.
    if (failure !== undefined) context.report.info(failure.message);
    try {
      await downloadFile(context, url, path, { ...options, maxBytes: base.maxArchiveBytes });
      return url;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      failure = error;
    }
  }
  throw new NetworkError(`cannot download the base image ${base.name}`, {
    hint: 'use --base debian-bookworm, built from Debian packages, or --base FILE, an image you have',
    ...(failure === undefined ? {} : { detail: failure.message, cause: failure }),
  });
}
