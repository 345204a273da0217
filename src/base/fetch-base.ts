import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Context } from '../core/context.ts';
import type { InputRecord } from '../core/model.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { detectFormat } from '../tools/archive.ts';
import { hashWithBar } from '../tools/files/hash-with-bar.ts';
import { BASES, findBase, USUAL_BASES } from './bases.ts';
import { buildDebianBase } from './build-debian-base.ts';
import { type FetchBaseOptions, fetchDownload } from './fetch-download.ts';
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
  const known = `one of ${USUAL_BASES.join(', ')} (all: wwanpi bases)`;
  const message = isPath
    ? `cannot be read: no such file; it must be an image file or ${known}`
    : `is neither a file nor ${known}`;
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
  if (base?.kind === 'built') return buildDebianBase(context, base, options);
  if (base === undefined) return fetchFile(context, ref);
  const input = { name: base.name, sha256: base.sha256, origin: basename(base.path), pinned: true };
  return asBaseImage(base.name, input, await fetchDownload(context, base, options));
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

function asBaseImage(name: string, input: InputRecord, disk: UnpackedDisk): BaseImage {
  return { name, diskPath: disk.diskPath, input, imgSha256: disk.sha256, cacheEntry: disk.cacheEntry };
}
