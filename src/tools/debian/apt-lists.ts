import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { NetworkError, ToolFailedError } from '../../core/errors.ts';
import { type AptSource, formatDeb822Sources, withoutCredentials } from '../../formats/debian/apt-sources.ts';
import { makePartialName } from '../files/partial.ts';
import { sealLists } from './proven-lists.ts';

/** The release that `openApt` opens. */
export interface AptOptions {
  /** Debian's name of the architecture: `armhf`. */
  readonly architecture: string;
  /** `bookworm`. */
  readonly codename: string;
  readonly components: readonly string[];
  /** Fetch the index of sources and not that of packages, for `downloadSource`. */
  readonly sources?: boolean;
  /**
   * The sources are those of a base, which may be of several archives: one that cannot be fetched is left out, unless none
   * is left.
   */
  readonly ofBase?: boolean;
  /** Ignore lists in the cache: after a download got a 404, or before a build that needs the newest. */
  readonly refresh?: boolean;
}

/**
 * Fetches lists (signature checked by apt) into a temporary folder and renames it, so a kill leaves no
 * half-updated lists.
 * @param types of deb822 sources: `deb`, or `deb-src`
 * @param impatient give up within seconds if the network does not answer
 * @returns the names of the sources that were fetched
 * @throws NetworkError when the release cannot be fetched. Another suite is left out with a warning; with
 *   `requireUpdates` it is an error too.
 */
export async function fetchLists(
  context: Context,
  options: AptOptions,
  wanted: readonly AptSource[],
  types: string,
  folder: string,
  impatient: boolean,
): Promise<readonly string[]> {
  const partial = join(context.cacheDir, 'apt', makePartialName());
  for (const sub of ['state/lists/partial', 'cache/archives/partial', 'sources']) {
    await mkdir(join(partial, sub), { recursive: true });
  }
  await writeFile(join(partial, 'status'), '');
  const configPath = join(partial, 'apt.conf');
  const sourcesFolder = join(partial, 'sources');
  await writeConfig(configPath, await readTransport(context), options.architecture, partial, sourcesFolder);
  try {
    let sources = wanted;
    for (;;) {
      await writeFile(join(partial, 'sources/wwanpi.sources'), formatDeb822Sources(sources, types));
      const failure = await update(context, configPath, impatient ? HURRY : options.ofBase ? BRIEFLY : []);
      if (failure === undefined) break;
      const bad = sources.filter((source) => mentions(failure, source));
      if (bad.length === 0 || isFatal(options, sources, bad)) throw fetchError(options, wanted, failure);
      for (const source of bad) leaveOut(context, options, source, failure);
      sources = sources.filter((source) => !bad.includes(source));
    }
    const suites = sources.map((source) => nameSource(options, source));
    await sealLists(partial, suites, context.signal);
    await rename(partial, folder);
    return suites;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** What a source is called among the lists: a base may have one suite of several archives. */
export function nameSource({ ofBase }: AptOptions, { uri, suite }: AptSource): string {
  return ofBase === true ? `${withoutCredentials(uri)} ${suite}` : suite;
}

function isFatal(
  { ofBase, codename }: AptOptions,
  sources: readonly AptSource[],
  bad: readonly AptSource[],
): boolean {
  return ofBase === true ? bad.length === sources.length : bad.some(({ suite }) => suite === codename);
}

function fetchError(
  { ofBase, codename }: AptOptions,
  wanted: readonly AptSource[],
  failure: string,
): NetworkError {
  const detail = withoutUrlCredentials(failure);
  if (ofBase !== true) {
    const uri = withoutCredentials(wanted[0]?.uri ?? '');
    return new NetworkError(`could not fetch the package lists of Debian ${codename} from ${uri}`, {
      hint: 'check that apt-get update works on this machine; WWANPI_DEBIAN_MIRROR names another mirror',
      detail,
    });
  }
  const uris = [...new Set(wanted.map(({ uri }) => withoutCredentials(uri)))].join(' and ');
  return new NetworkError(`could not fetch the package lists of the base's own sources, ${uris}`, {
    hint: 'that archive may have moved, or this machine does not reach it; name a mirror (WWANPI_DEBIAN_MIRROR, WWANPI_RASPBIAN_MIRROR), or give the packages as files: --package FILE.deb',
    detail,
  });
}

/** If older lists exist, a silent network must not hold the build up: by default apt waits four times 30 s. */
const HURRY = ['Acquire::Retries=0', 'Acquire::http::Timeout=5', 'Acquire::https::Timeout=5'].flatMap(
  (option) => ['-o', option],
);

/** The archive of an old base is more often gone than slow. */
const BRIEFLY = ['Acquire::Retries=1', 'Acquire::http::Timeout=15', 'Acquire::https::Timeout=15'].flatMap(
  (option) => ['-o', option],
);

/** Undefined if every list was fetched; otherwise apt's output. */
async function update(
  context: Context,
  configPath: string,
  patience: readonly string[],
): Promise<string | undefined> {
  // Without Error-Mode=any apt-get update exits 0 on most failures (apt.conf(5), since apt 2.1.16).
  const argv = ['apt-get', 'update', '-q', '-o', 'APT::Update::Error-Mode=any', ...patience] as const;
  try {
    await context.exec(argv, { env: { APT_CONFIG: configPath }, timeoutMs: 600_000 });
    return undefined;
  } catch (error) {
    if (error instanceof ToolFailedError) return error.detail ?? error.message;
    throw error;
  }
}

function mentions(failure: string, source: AptSource): boolean {
  const uri = withoutCredentials(source.uri);
  return failure
    .split('\n')
    .filter((line) => /^[EW]: /.test(line))
    .map(withoutUrlCredentials)
    .some(
      (line) => line.includes(`${uri}/dists/${source.suite}/`) || line.includes(`'${uri} ${source.suite} `),
    );
}

function leaveOut(context: Context, options: AptOptions, source: AptSource, failure: string): void {
  const reason =
    failure.split('\n').find((line) => /^\s+(?:File has|Hash Sum|404|Could not)/.test(line)) ?? '';
  const said = reason.trim().replace(/\.? *Mirror sync in progress\?.*/, '');
  const why = `its package list can't be fetched${said === '' ? '' : ` (${said})`}`;
  const name =
    options.ofBase === true ? `the base's ${nameSource(options, source)}` : `Debian's ${source.suite}`;
  if (context.requireUpdates !== true) {
    context.report.warn(`${name} is left out: ${why}`);
    return;
  }
  throw new NetworkError(`${name} is required: ${why}`, {
    hint: 'run the command again later, use another mirror, or omit --require-updates',
    detail: withoutUrlCredentials(failure),
  });
}

function withoutUrlCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1');
}

/** apt.conf(5). Dir::Etc::Parts goes to /dev/null: hooks there, such as docker-clean's, act on the host's apt. */
export async function writeConfig(
  path: string,
  transport: readonly string[],
  architecture: string,
  folder: string,
  sourcesFolder: string,
  more: readonly string[] = [],
): Promise<void> {
  const lines = [
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::State::extended_states "${folder}/extended_states";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Log "${folder}";`,
    'Dir::Etc::SourceList "/dev/null";',
    `Dir::Etc::SourceParts "${sourcesFolder}";`,
    'Dir::Etc::Main "/dev/null";',
    'Dir::Etc::Parts "/dev/null";',
    'Dir::Etc::Preferences "/dev/null";',
    'Dir::Etc::PreferencesParts "/dev/null";',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    // The user _apt may not enter a user's cache folder. apt checks every file against signed hashes anyway.
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    // Lets `install --print-uris` print SHA256 in place of MD5.
    'Acquire::ForceHash "SHA256";',
    ...transport,
    ...more,
  ];
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
}

/**
 * The host's proxies, certificates and timeouts, but not its trust settings. Check-Valid-Until and Check-Date are trust
 * settings too: without them an attacker can replay old signed lists.
 */
export async function readTransport(context: Context): Promise<string[]> {
  const { stdout } = await context.exec(['apt-config', 'dump', 'Acquire']);
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(https?|ftp|ForceIPv[46])\b.* "[^"]*";$/i.test(line))
    .filter((line) => !line.endsWith(' "";'));
}
