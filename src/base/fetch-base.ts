import { rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { NetworkError, VerificationError } from '../core/errors.ts';
import type { InputRecord } from '../core/model.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { cached, proveContent } from '../host/cache.ts';
import { detectFormat } from '../tools/archive.ts';
import { hashWithBar } from '../tools/files/hash-with-bar.ts';
import { type DownloadTuning, downloadFile } from '../tools/http.ts';
import { BASES, type DownloadedBase, downloadUrls, findBase } from './bases.ts';
import { buildDebianBase } from './build-debian-base.ts';
import { findUnpackedDisk, type UnpackedDisk, unpackDisk } from './unpack-disk.ts';

/** The base image, ready to be read and copied. */
export interface BaseImage {
  /** A name of `BASES`, or the file's base name. */
  readonly name: string;
  /** A raw sparse .img in the cache, or the user's own file; never written to. */
  readonly diskPath: string;
  /** For the manifest: the fetched archive, or the recipe of a built base. */
  readonly input: InputRecord;
  /** SHA-256 of the raw .img. */
  readonly imgSha256: string;
  /** Its folder in the cache if it was there before; `withProvenBase` then checks it against its SHA-256. */
  readonly cacheEntry: string | undefined;
}

/** How to fetch a base. */
export interface FetchBaseOptions {
  /** Root of a mirror of Raspberry Pi's download tree; WWANPI_DOWNLOADS_URL by default, if set. */
  readonly downloadsUrl?: string;
  readonly download?: DownloadTuning;
}

/** Checks, without fetching, whether `ref` can be a base. Returns the issue, if any. */
export async function checkBaseRef(ref: string): Promise<Issue | undefined> {
  if (findBase(ref) !== undefined) return undefined;
  const stats = await stat(ref).catch(() => undefined);
  if (stats?.isFile()) return undefined;
  if (stats !== undefined) return { option: 'base', value: ref, message: 'is not a file' };
  const names = BASES.map((base) => base.name);
  const hint = suggestNearest(ref, names);
  // A path is no mistyped name.
  const isPath = /[/.]/.test(ref) && hint === undefined;
  const message = isPath
    ? `cannot be read: no such file; it must be an image file or one of ${names.join(', ')}`
    : `is neither a file nor one of ${names.join(', ')}`;
  return { option: 'base', value: ref, message, hint };
}

/**
 * Fetches the base image `ref`. A name of `BASES` is downloaded and checked against its pinned SHA-256, or
 * built; a file (.img, .zip, .img.xz, .img.zst, .img.gz) is used without a check. Everything but a raw .img is unpacked in
 * the cache and comes from there the next time.
 * @throws OptionsError for an unknown name or an unusable file, NetworkError when the download fails,
 *   VerificationError when its hash is wrong.
 */
export async function fetchBase(
  context: Context,
  ref: string,
  options: FetchBaseOptions = {},
): Promise<BaseImage> {
  const wrong = await checkBaseRef(ref);
  if (wrong !== undefined) throw new OptionsError([wrong]);
  const base = findBase(ref);
  if (base?.kind === 'built') return buildDebianBase(context, base);
  if (base === undefined) return fetchFile(context, ref);
  const input = { name: base.name, sha256: base.sha256, origin: basename(base.path), pinned: true };
  const disk =
    (await findUnpackedDisk(context, base.sha256)) ??
    (await unpackDisk(context, {
      archivePath: await fetchArchive(context, base, options),
      format: 'zip',
      sha256: base.sha256,
      imgBytes: base.imgBytes,
    }));
  return asBaseImage(base.name, input, disk);
}

async function fetchFile(context: Context, ref: string): Promise<BaseImage> {
  const archivePath = resolve(ref);
  const format = await detectFormat(archivePath);
  const name = basename(archivePath);
  const sha256 = await hashWithBar(context, `hashing ${name}`, archivePath);
  const disk =
    (format === 'img' ? undefined : await findUnpackedDisk(context, sha256)) ??
    (await unpackDisk(context, { archivePath, format, sha256, imgBytes: undefined }));
  return asBaseImage(name, { name, sha256, origin: name, pinned: false }, disk);
}

/** Downloads the zip of a named base into the cache, if its hash is right. */
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
      await downloadFile(context, url, path, { ...options, maxBytes: base.maxZipBytes });
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

function asBaseImage(name: string, input: InputRecord, disk: UnpackedDisk): BaseImage {
  return { name, diskPath: disk.diskPath, input, imgSha256: disk.sha256, cacheEntry: disk.cacheEntry };
}
