import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { LibqmiOrigin, TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import {
  type AppError,
  InputError,
  NetworkError,
  ToolFailedError,
  VerificationError,
} from '../core/errors.ts';
import type { InputRecord } from '../core/model.ts';
import { parseLibqmiVersion } from '../formats/debian/libqmi-version.ts';
import { cached } from '../host/cache.ts';
import { withApt } from '../tools/debian/apt.ts';
import { downloadSource } from '../tools/debian/apt-packages.ts';
import { hashFolder } from '../tools/files/folder-hash.ts';
import { hashFile } from '../tools/files/hash.ts';
import { downloadFile } from '../tools/http.ts';
import { unpackTarball } from '../tools/tar.ts';

/** A libqmi source tree, unpacked in the cache. */
export interface LibqmiSource {
  /** Read-only: builds work on a copy. */
  readonly path: string;
  /** The version that the source tree declares: `1.16.0`. */
  readonly version: string;
  readonly buildSystem: 'autotools' | 'meson';
  readonly record: InputRecord;
}

/** Sources of libqmi that replace the target's default. */
export interface LibqmiSourceOptions {
  /** `--libqmi-source`: a tarball or an unpacked source tree. */
  readonly libqmiSource?: string | undefined;
  /** A server that has the tarball under the same path; WWANPI_DOWNLOADS_URL by default, if set. */
  readonly downloadsUrl?: string | undefined;
}

/**
 * Fetches the libqmi source for a target: the user's, or else the pinned tarball or Debian's source package.
 * @throws InputError when the user's source is not a libqmi source tree, NetworkError when the download fails,
 *   VerificationError when the pinned tarball has another hash
 */
export async function fetchLibqmiSource(
  context: Context,
  profile: TargetProfile,
  options: LibqmiSourceOptions = {},
): Promise<LibqmiSource> {
  const done = context.report.step('libqmi source');
  const source = await findSource(context, profile, options);
  const { origin, pinned, sha256 } = source.record;
  done(`${source.version}, ${origin}${pinned ? ', the pinned one' : ''}`);
  if (options.libqmiSource !== undefined) {
    context.report.warn(`libqmi comes from ${origin} (SHA-256 ${sha256}), not the pinned one`);
  }
  return source;
}

async function findSource(
  context: Context,
  profile: TargetProfile,
  options: LibqmiSourceOptions,
): Promise<LibqmiSource> {
  if (options.libqmiSource !== undefined) return readGivenSource(context, resolve(options.libqmiSource));
  const { libqmi } = profile;
  if (libqmi.kind === 'tarball') {
    const path = await fetchTarball(
      context,
      libqmi,
      options.downloadsUrl ?? readVariable('WWANPI_DOWNLOADS_URL'),
    );
    const record = { name: 'libqmi', sha256: libqmi.sha256, origin: String(libqmi.urls[0]), pinned: true };
    return unpackSource(context, path, record);
  }
  const apt = {
    architecture: 'armhf',
    codename: profile.debianCodename,
    components: ['main'],
    sources: true,
  };
  const source = await withApt(context, apt, (opened) => downloadSource(opened, libqmi.packageName));
  const sha256 = await hashFile(source.tarballPath, context.signal);
  const record = {
    name: 'libqmi',
    sha256,
    origin: `Debian source package ${source.name} ${source.version}`,
    pinned: false,
  };
  return unpackSource(context, source.tarballPath, record);
}

async function readGivenSource(context: Context, path: string): Promise<LibqmiSource> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new InputError(`--libqmi-source: cannot read ${path}`, { cause });
  });
  const origin = basename(path);
  if (!found.isDirectory()) {
    const sha256 = await hashFile(path, context.signal);
    return unpackSource(context, path, { name: 'libqmi', sha256, origin, pinned: false });
  }
  await describeTree(path, path);
  const sha256 = await hashFolder(path);
  const entry = await cached(context, 'libqmi-sources', sha256, async (folder) => {
    await cp(path, folder, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: (inner) => basename(inner) !== '.git',
    });
  });
  const tree = await describeTree(entry.path, path);
  return { ...tree, path: entry.path, record: { name: 'libqmi', sha256, origin, pinned: false } };
}

async function unpackSource(context: Context, tarball: string, record: InputRecord): Promise<LibqmiSource> {
  const entry = await cached(context, 'libqmi-sources', record.sha256, async (folder) => {
    await unpackTarball(context.exec, tarball, folder).catch((error: unknown) => {
      if (!(error instanceof ToolFailedError)) throw error;
      throw new InputError(`${basename(tarball)} is not a tarball that can be unpacked`, {
        detail: error.detail,
      });
    });
    await describeTree(folder, tarball);
  });
  return { ...(await describeTree(entry.path, tarball)), path: entry.path, record };
}

/** @throws InputError when the folder is not one that can be built */
async function describeTree(
  folder: string,
  name: string,
): Promise<Pick<LibqmiSource, 'version' | 'buildSystem'>> {
  const [configure, meson] = await Promise.all([
    readOptional(join(folder, 'configure')),
    readOptional(join(folder, 'meson.build')),
  ]);
  const version = parseLibqmiVersion({ configure, meson });
  if (version === undefined) {
    throw new InputError(`${name} is not a libqmi source tree that can be built`, {
      hint: 'it needs ./configure (as release tarballs up to 1.28 have; in a git checkout run ./autogen.sh) or meson.build',
    });
  }
  return { version, buildSystem: configure === undefined ? 'meson' : 'autotools' };
}

async function fetchTarball(
  context: Context,
  origin: Extract<LibqmiOrigin, { kind: 'tarball' }>,
  mirror: string | undefined,
): Promise<string> {
  const name = `libqmi-${origin.version}.tar.xz`;
  const entry = await cached(context, 'downloads', origin.sha256, async (folder) => {
    // Beside the entry, so that a later run can resume an interrupted download.
    const unchecked = join(context.cacheDir, 'downloads', `${origin.sha256}.unchecked`);
    await downloadFromAny(context, tarballUrls(origin.urls, mirror), unchecked);
    const sha256 = await hashFile(unchecked, context.signal);
    if (sha256 !== origin.sha256) {
      await rm(unchecked);
      throw new VerificationError(`the downloaded ${name} is not the published file`, {
        hint: 'try again later or on another network, or give a copy you trust with --libqmi-source FILE',
        detail: `expected SHA-256 ${origin.sha256}\nreceived SHA-256 ${sha256}`,
      });
    }
    await mkdir(folder, { recursive: true });
    await rename(unchecked, join(folder, name));
  });
  return join(entry.path, name);
}

async function downloadFromAny(context: Context, urls: readonly string[], path: string): Promise<void> {
  const failures: AppError[] = [];
  for (const url of urls) {
    try {
      return await downloadFile(context, url, path, { attempts: urls.length > 1 ? 2 : 5 });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      failures.push(error);
    }
  }
  throw new NetworkError(`could not download libqmi from ${urls.join(', ')}`, {
    hint: 'give a copy with --libqmi-source FILE, or use --base debian-bookworm, which takes Debian’s own libqmi',
    detail: failures.map(({ message, detail }) => `${message}\n${detail ?? ''}`).join('\n'),
  });
}

function tarballUrls(urls: readonly string[], mirror: string | undefined): string[] {
  if (mirror === undefined || mirror === '') return [...urls];
  return urls.slice(0, 1).map((url) => `${mirror.replace(/\/+$/, '')}${new URL(url).pathname}`);
}

async function readOptional(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
