import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { InputError } from '../core/errors.ts';
import type { Architecture, Disk, OsRelease } from '../core/model.ts';
import { type AptSource, withoutCredentials } from '../formats/debian/apt-sources.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { type Apt, openSources } from '../tools/debian/apt.ts';
import { type DebianMirrors, findDebianMirrors } from '../tools/debian/debian-mirrors.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { type BaseSources, isTrusted, listKeyFiles, readBaseSources } from './read-base-sources.ts';

/** The base that packages are for. */
export interface PackageBase {
  readonly disk: Disk;
  readonly os: OsRelease;
  readonly architecture: Architecture;
  /** The text of /var/lib/dpkg/status, with what wwanpi itself installs. */
  readonly status: string;
}

/**
 * Opens an apt that sees what the base's own apt sees: its archives, checked with its keys, and what it has installed.
 * Runs as an ordinary user. Debian's archive is asked on this machine's mirror, if it has one.
 * @throws InputError when the base has no usable source, NetworkError when none can be fetched
 */
export async function openBaseApt(
  context: Context,
  { disk, os, architecture, status }: PackageBase,
  refresh: boolean,
): Promise<Apt> {
  const found = await readBaseSources(disk);
  const folder = join(context.tmpDir, 'base-apt');
  const files = await writeKeys(folder, found);
  const mirrors = await findDebianMirrors(context).catch((error: unknown) => {
    if (error instanceof InputError) return undefined;
    throw error;
  });
  const sources = found.sources.flatMap((source) => {
    const keys = findKeys(source, files);
    const fault = findSourceFault(source, keys);
    if (fault === undefined) return [{ ...source, uri: chooseMirror(source.uri, mirrors), signedBy: keys }];
    context.report.warn(
      `the base's source ${quoteForMessage(withoutCredentials(source.uri))} is left out: ${fault}`,
    );
    return [];
  });
  if (sources.length === 0) {
    throw new InputError('the base has no source that packages could come from (/etc/apt/sources.list)', {
      hint: 'give the packages as files: --package FILE.deb',
    });
  }
  const statusFile = join(folder, 'status');
  await writeFile(statusFile, status);
  const identity = [
    sources.map(({ uri, suite, components }) => [uri, suite, components]),
    [...found.keyrings].map(([path, bytes]) => [path, sha256Text(bytes)]),
  ];
  return openSources(
    context,
    { architecture, codename: os.codename, components: [], ofBase: true, refresh },
    sources,
    identity,
    [
      `Dir::State::status "${statusFile}";`,
      // apt's own caches hold the installed packages, too, and other bases have others.
      'Dir::Cache::pkgcache "";',
      'Dir::Cache::srcpkgcache "";',
    ],
  );
}

/** Writes the base's key files; their paths here by their paths in the base. */
async function writeKeys(folder: string, { keyrings }: BaseSources): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true });
  const files = new Map<string, string>();
  for (const [path, bytes] of keyrings) {
    // apt of Debian 12 knows binary and armored keys by these endings, and no .pgp.
    const isArmored = Buffer.from(bytes.subarray(0, 11)).toString('latin1') === '-----BEGIN ';
    const file = join(folder, `${files.size}${isArmored ? '.asc' : '.gpg'}`);
    await writeFile(file, bytes);
    files.set(path, file);
  }
  return files;
}

/** The value of Signed-By on this machine: the source's key files, else all that the base trusts; undefined: there is none. */
function findKeys({ signedBy }: AptSource, files: ReadonlyMap<string, string>): string | undefined {
  if (signedBy?.includes('-----BEGIN') === true) return signedBy;
  const named = listKeyFiles(signedBy).map((path) => files.get(path));
  const keys =
    signedBy === undefined ? [...files].filter(([path]) => isTrusted(path)).map(([, file]) => file) : named;
  return keys.length === 0 || keys.includes(undefined) ? undefined : keys.join(' ');
}

function findSourceFault(
  { uri, suite, components }: AptSource,
  keys: string | undefined,
): string | undefined {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(uri)) return 'wwanpi fetches from http and https addresses only';
  if (components.length === 0 || ![suite, ...components].every((word) => /^[\w./~+-]+$/.test(word))) {
    return 'it names no suite with components';
  }
  return keys === undefined ? 'the base has no key for it' : undefined;
}

/** The distributions' own addresses stand for their archives, and every mirror has the same signed lists. */
function chooseMirror(uri: string, mirrors: DebianMirrors | undefined): string {
  const raspbian = readVariable('WWANPI_RASPBIAN_MIRROR')?.replace(/\/+$/, '');
  if (
    raspbian !== undefined &&
    /^https?:\/\/(?:[a-z0-9.-]+\.raspbian\.org|raspbian\.raspberrypi\.(?:org|com))\/raspbian$/.test(uri)
  )
    return raspbian;
  const [, archive] = /^https?:\/\/(?:[a-z0-9-]+\.)*debian\.org\/(debian|debian-security)$/.exec(uri) ?? [];
  if (archive === 'debian') return mirrors?.main.uri ?? uri;
  return archive === undefined ? uri : (mirrors?.security?.uri ?? uri);
}
