import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NetworkError, ToolFailedError, VerificationError } from '../../core/errors.ts';
import { parseStanzas } from '../../formats/debian/apt-sources.ts';
import { discard } from '../files/discard.ts';
import { toReadFault } from '../files/folder-sums.ts';
import { hashFile } from '../files/hash.ts';
import { makePartialName, settleFolder } from '../files/partial.ts';
import { type Apt, runApt } from './apt.ts';
import { askOnce } from './apt-answers.ts';

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A name in the cache, never a path. */
const FILE_NAME = z.string().regex(/^[^/]+$/);
const PACKAGES = z.array(
  z.object({
    ...{ name: z.string(), version: z.string(), sha256: SHA256 },
    ...{ sizeBytes: z.number(), fileName: FILE_NAME },
  }),
);
const SOURCE_FILES = z.array(z.tuple([FILE_NAME, SHA256]));

/** A package of the archive. */
export interface AptPackage {
  readonly name: string;
  /** With epoch and revision: `1:1.35.0-4+deb12u1`. */
  readonly version: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** apt's name for the file: `name_version_arch.deb`, with the epoch's colon as %3a. */
  readonly fileName: string;
}

/** A .deb in the cache. */
export interface DownloadedPackage extends AptPackage {
  readonly path: string;
}

/** A source package's files in the cache, checked against the signed index. */
export interface DownloadedSource {
  readonly name: string;
  readonly version: string;
  readonly dscPath: string;
  /** The upstream tarball (3.0 (quilt): `.orig.tar.*`; native: the only tarball). */
  readonly tarballPath: string;
  /** `.debian.tar.*`; undefined for a native package. */
  readonly debianPath: string | undefined;
  readonly sha256: ReadonlyMap<string, string>;
}

/** The candidate version of a package; undefined if the archive has none. */
export async function findPackage(apt: Apt, name: string): Promise<string | undefined> {
  const argv = ['apt-cache', 'policy', name] as const;
  const version = await askOnce(apt, argv, z.string(), async () => {
    const policy = await runApt(apt, argv);
    // For a name that it does not know apt looks for a pattern, and answers with what fits.
    if (!policy.startsWith(`${name}:\n`)) return '';
    return /^ {2}Candidate: (\S+)$/m.exec(policy)?.[1] ?? '';
  });
  return version === '' || version === '(none)' ? undefined : version;
}

/**
 * The packages and their dependencies, as apt would install them into an empty system (no Recommends).
 * @throws ToolFailedError when one is unknown or the dependencies cannot be met.
 */
export async function resolvePackages(apt: Apt, names: readonly string[]): Promise<AptPackage[]> {
  return (await planInstall(apt, names)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The packages that `apt-get install` would fetch for these, in its order, and no Recommends.
 * @param wanted names, or paths of files that end in .deb
 * @param options more options of apt-get(8)
 * @throws ToolFailedError as `resolvePackages`
 */
export async function planInstall(
  apt: Apt,
  wanted: readonly string[],
  options: readonly string[] = [],
): Promise<AptPackage[]> {
  const always = ['--print-uris', '--yes', '-qq', '--no-install-recommends', '-o', 'Debug::NoLocking=true'];
  const argv = ['apt-get', 'install', ...always, ...options, ...wanted] as const;
  return askOnce(apt, argv, PACKAGES, async () => parsePrintUris(await runApt(apt, argv)));
}

/**
 * Downloads .debs, without their dependencies, into the cache, in the order of `names`. A name may
 * include a version: `libc6=2.36-9`.
 * @throws NetworkError when the mirror does not deliver, ToolFailedError when a package is unknown.
 */
export async function downloadPackages(apt: Apt, names: readonly string[]): Promise<DownloadedPackage[]> {
  if (names.length === 0) return [];
  const argv = ['apt-get', 'download', '--print-uris', '-q', ...names] as const;
  const listed = await askOnce(apt, argv, PACKAGES, async () => {
    const text = await runApt(apt, argv);
    const found = parsePrintUris(text);
    return names.map((wanted) => {
      const entry = found.find((candidate) => candidate.name === wanted.replace(/[:=].*$/, ''));
      if (entry === undefined)
        throw new ToolFailedError(`apt-get found no package ${wanted}`, { detail: text });
      return entry;
    });
  });
  const packages = listed.map((entry) => ({
    ...entry,
    path: join(apt.context.cacheDir, 'debs', entry.sha256, entry.fileName),
  }));
  const missing: DownloadedPackage[] = [];
  for (const entry of packages) {
    if (!(await isWhole(apt, dirname(entry.path), [[entry.fileName, entry.sha256]]))) missing.push(entry);
  }
  if (missing.length > 0) await fetchDebs(apt, missing);
  return packages;
}

/** Downloads a source package into the cache. The Apt must be opened with `sources: true`. */
export async function downloadSource(apt: Apt, name: string): Promise<DownloadedSource> {
  const { dsc, wanted } = await listSource(apt, name);
  const folder = join(apt.context.cacheDir, 'sources', dsc[1]);
  const path = (pattern: RegExp) => {
    const file = wanted.find(([fileName]) => pattern.test(fileName));
    return file === undefined ? undefined : join(folder, file[0]);
  };
  if (!(await isWhole(apt, folder, wanted))) {
    await inPartialFolder(apt, 'sources', async (partial) => {
      await download(apt, ['apt-get', 'source', '--download-only', '-qq', name], partial);
      for (const [fileName, sha256] of wanted) await check(join(partial, fileName), sha256);
      await settleFolder(partial, folder);
    });
  }
  const dscPath = join(folder, dsc[0]);
  const debianPath = path(/\.debian\.tar\.[a-z0-9]+$/);
  return {
    name,
    version: parseDscVersion(await readFile(dscPath, 'utf8')),
    dscPath,
    tarballPath: path(/\.orig\.tar\.[a-z0-9]+$/) ?? path(/\.tar\.[a-z0-9]+$/) ?? dscPath,
    debianPath,
    sha256: new Map(wanted),
  };
}

type SourceFile = readonly [fileName: string, sha256: string];

/** The files of a source package, and its description among them. */
async function listSource(
  apt: Apt,
  name: string,
): Promise<{ dsc: SourceFile; wanted: readonly SourceFile[] }> {
  const argv = ['apt-get', 'source', '--print-uris', '--download-only', '-qq', name] as const;
  const wanted = await askOnce(apt, argv, SOURCE_FILES, async () => {
    const text = await runApt(apt, argv);
    const files = [...text.matchAll(/^'[^']+' (\S+) \d+ SHA256:([0-9a-f]{64})$/gm)];
    if (!files.some(([, fileName]) => fileName?.endsWith('.dsc')))
      throw new ToolFailedError(`apt-get found no source package ${name}`, { detail: text });
    return files.map(([, fileName = '', sha256 = '']): [string, string] => [fileName, sha256]);
  });
  const dsc = wanted.find(([fileName]) => fileName.endsWith('.dsc'));
  if (dsc === undefined) throw new ToolFailedError(`apt-get found no source package ${name}`);
  return { dsc, wanted };
}

/** The lines `'URI' file size SHA256:hash` that apt-get's --print-uris prints, among others. */
export function parsePrintUris(text: string): AptPackage[] {
  return [...text.matchAll(/^'[^']+' (([^\s_]+)_([^\s_]+)_[^\s_]+\.deb) (\d+) SHA256:([0-9a-f]{64})$/gm)].map(
    ([, fileName = '', name = '', version = '', size, sha256 = '']) => ({
      name,
      version: decodeURIComponent(version),
      sha256,
      sizeBytes: Number(size),
      fileName,
    }),
  );
}

async function fetchDebs(apt: Apt, missing: readonly DownloadedPackage[]): Promise<void> {
  await inPartialFolder(apt, 'debs', async (partial) => {
    const pinned = missing.map((entry) => `${entry.name}=${entry.version}`);
    await download(apt, ['apt-get', 'download', '-qq', ...pinned], partial);
    for (const entry of missing) {
      // `download --print-uris` omits the epoch from the name, the download itself does not.
      const file = await findDeb(partial, entry);
      await check(file, entry.sha256);
      const folder = join(partial, entry.sha256);
      await mkdir(folder);
      await rename(file, join(folder, entry.fileName));
      await settleFolder(folder, join(apt.context.cacheDir, 'debs', entry.sha256));
    }
  });
}

/** Runs a downloading apt-get. A 404 means that the mirror has changed since the lists were fetched. */
async function download(apt: Apt, argv: readonly [string, ...string[]], folder: string): Promise<void> {
  try {
    await runApt(apt, argv, folder);
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new NetworkError('the Debian mirror does not have a package that its own list names', {
      hint: 'the lists in the cache may be stale: run the command again',
      detail: error.detail,
      cause: error,
    });
  }
}

async function findDeb(folder: string, entry: AptPackage): Promise<string> {
  const plain = entry.version.replace(/^\d+:/, '');
  const names = await readdir(folder);
  const name =
    names.find((candidate) => candidate === entry.fileName) ??
    names.find((candidate) => {
      const [name, version] = decodeURIComponent(candidate).split('_');
      return name === entry.name && version?.replace(/^\d+:/, '') === plain;
    });
  if (name === undefined) throw new ToolFailedError(`apt-get did not download ${entry.fileName}`);
  return join(folder, name);
}

async function check(path: string, sha256: string): Promise<void> {
  const actual = await hashFile(path);
  if (actual !== sha256) {
    throw new VerificationError(`${path} has SHA-256 ${actual}; the signed package list says ${sha256}`);
  }
}

async function inPartialFolder(
  apt: Apt,
  section: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = join(apt.context.cacheDir, section, makePartialName());
  await mkdir(folder, { recursive: true });
  try {
    await fill(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseDscVersion(dsc: string): string {
  const fields = parseStanzas(dsc).find((stanza) => stanza.has('version'));
  return fields?.get('version') ?? '';
}

/** Whether a folder of the cache has these files with these hashes. A damaged folder is removed. */
async function isWhole(
  { context }: Apt,
  folder: string,
  files: readonly (readonly [fileName: string, sha256: string])[],
): Promise<boolean> {
  if ((await lstat(folder).catch(() => undefined)) === undefined) return false;
  for (const [fileName, sha256] of files) {
    const found = await hashFile(join(folder, fileName), context.signal).catch(toReadFault);
    if (found === sha256) continue;
    await discard(context, folder, `${fileName} has changed`);
    return false;
  }
  return true;
}
