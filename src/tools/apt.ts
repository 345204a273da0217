import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { NetworkError, ToolFailedError } from '../errors.ts';
import { type AptSource, formatDeb822Sources, withoutCredentials } from '../formats/apt-sources.ts';
import { findDebianMirrors } from './debian-mirrors.ts';
import { sha256Text } from './hash.ts';

/** An apt of our own: Debian's package lists for one release and architecture, apart from the host's apt. */
export interface Apt {
  readonly context: Context;
  readonly architecture: string;
  readonly codename: string;
  /** The archives in use; a suite that could not be fetched is not among them. */
  readonly sources: readonly AptSource[];
  /** When the release's index was signed, in seconds since 1970: a date that repeats, for SOURCE_DATE_EPOCH. */
  readonly epochSeconds: number;
  /** The configuration file, for APT_CONFIG. */
  readonly configPath: string;
  /** The archives the machine is configured for, also those that could not be fetched today. */
  readonly configured: readonly AptSource[];
  /** apt.conf(5) lines of the host's proxies and certificates, for another apt. */
  readonly transport: readonly string[];
  /** Fetched just now, not from the cache. */
  readonly fresh: boolean;
}

/** Which release `openApt` opens. */
export interface AptOptions {
  /** Debian's name of the architecture: `armhf`. */
  readonly architecture: string;
  /** `bookworm`. */
  readonly codename: string;
  readonly components: readonly string[];
  /** Fetch the source index too, for `downloadSource`. */
  readonly sources?: boolean;
  /** Ignore lists in the cache: after a download met a 404, or before a build that wants the newest. */
  readonly refresh?: boolean;
}

/** Security updates come daily at most; half a working day keeps a warm build off the network. */
const FRESH_MS = 6 * 3600_000;

/**
 * Opens Debian's package lists, fetched (signature checked by apt) or from the cache when younger than
 * six hours. Runs as an ordinary user. A suite that cannot be fetched is left out with a warning, as long
 * as it is not the release itself.
 * @throws NetworkError when the release cannot be fetched, InputError when no mirror is known.
 */
export async function openApt(context: Context, options: AptOptions): Promise<Apt> {
  const wanted = await wantedSources(context, options);
  const types = options.sources === true ? 'deb deb-src' : 'deb';
  const section = join(context.cacheDir, 'apt');
  const key = sha256Text(JSON.stringify([options.architecture, types, wanted])).slice(0, 16);
  let folder = options.refresh === true ? undefined : await newestFolder(section, key);
  const fresh = folder === undefined;
  if (folder === undefined) {
    folder = join(section, `${key}-${Date.now()}`);
    await fetchLists(context, options, wanted, types, folder);
  }
  const transport = await readTransport(context);
  // Not beside the lists: they may lie in a cache that root filled and this user can only read.
  const configPath = join(context.tmpDir, `apt-${key}.conf`);
  await writeConfig(configPath, transport, options.architecture, folder);
  return {
    context,
    architecture: options.architecture,
    codename: options.codename,
    sources: JSON.parse(await readFile(join(folder, 'sources.json'), 'utf8')) as AptSource[],
    epochSeconds: await readReleaseDate(join(folder, 'state/lists'), options.codename),
    configPath,
    configured: wanted,
    transport,
    fresh,
  };
}

/**
 * `fn` with opened lists. Where the mirror does not deliver what lists from the cache name (it moved on),
 * once more with fresh lists.
 */
export async function withApt<T>(
  context: Context,
  options: AptOptions,
  fn: (apt: Apt) => Promise<T>,
): Promise<T> {
  const apt = await openApt(context, options);
  try {
    return await fn(apt);
  } catch (error) {
    if (!(error instanceof NetworkError) || apt.fresh) throw error;
    return fn(await openApt(context, { ...options, refresh: true }));
  }
}

/** Runs one of apt's programs on these lists. */
export async function runApt(apt: Apt, argv: readonly [string, ...string[]], cwd?: string): Promise<string> {
  const { stdout } = await apt.context.exec(argv, {
    env: { APT_CONFIG: apt.configPath, DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  return stdout;
}

async function wantedSources(context: Context, options: AptOptions): Promise<AptSource[]> {
  const { main, security } = await findDebianMirrors(context);
  const { codename, components } = options;
  return [
    { ...main, suite: codename, components },
    { ...main, suite: `${codename}-updates`, components },
    ...(security === undefined ? [] : [{ ...security, suite: `${codename}-security`, components }]),
  ];
}

async function newestFolder(section: string, key: string): Promise<string | undefined> {
  const names = await readdir(section).catch(() => []);
  let newest: number | undefined;
  for (const name of names) {
    const time = new RegExp(`^${key}-(\\d+)$`).exec(name)?.[1];
    if (time === undefined) continue;
    const age = Date.now() - Number(time);
    if (age > 8 * FRESH_MS) await rm(join(section, name), { recursive: true, force: true });
    else if (age >= 0 && age < FRESH_MS && Number(time) > (newest ?? 0)) newest = Number(time);
  }
  return newest === undefined ? undefined : join(section, `${key}-${newest}`);
}

/** Fetches into a folder beside and renames it, so that a kill leaves no half-updated lists. */
async function fetchLists(
  context: Context,
  options: AptOptions,
  wanted: readonly AptSource[],
  types: string,
  folder: string,
): Promise<void> {
  const partial = join(context.cacheDir, 'apt', `.partial-${process.pid}-${randomBytes(4).toString('hex')}`);
  for (const sub of ['state/lists/partial', 'cache/archives/partial', 'sources']) {
    await mkdir(join(partial, sub), { recursive: true });
  }
  await writeFile(join(partial, 'status'), '');
  const configPath = join(partial, 'apt.conf');
  await writeConfig(configPath, await readTransport(context), options.architecture, partial);
  try {
    let sources = wanted;
    for (;;) {
      await writeFile(join(partial, 'sources/wwanpi.sources'), formatDeb822Sources(sources, types));
      const failure = await update(context, configPath);
      if (failure === undefined) break;
      const bad = sources.filter((source) => mentions(failure, source));
      if (bad.length === 0 || bad.some((source) => source.suite === options.codename)) {
        const uri = withoutCredentials(wanted[0]?.uri ?? '');
        throw new NetworkError(
          `could not fetch the package lists of Debian ${options.codename} from ${uri}`,
          {
            hint: 'check that apt-get update works on this machine; WWANPI_DEBIAN_MIRROR names another mirror',
            detail: withoutUrlCredentials(failure),
          },
        );
      }
      for (const source of bad) context.report.warn(suiteWarning(source, failure));
      sources = sources.filter((source) => !bad.includes(source));
    }
    await writeFile(join(partial, 'sources.json'), JSON.stringify(sources));
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Undefined when every list came; otherwise what apt said. */
async function update(context: Context, configPath: string): Promise<string | undefined> {
  // Without Error-Mode=any apt-get update exits 0 on most failures (apt.conf(5), since apt 2.1.16).
  const argv = ['apt-get', 'update', '-q', '-o', 'APT::Update::Error-Mode=any'] as const;
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

function suiteWarning(source: AptSource, failure: string): string {
  const reason =
    failure.split('\n').find((line) => /^\s+(?:File has|Hash Sum|404|Could not)/.test(line)) ?? '';
  const why = reason.trim().replace(/\.? *Mirror sync in progress\?.*/, '');
  return `Debian's ${source.suite} is left out: its package list can't be fetched${why === '' ? '' : ` (${why})`}`;
}

function withoutUrlCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, '$1');
}

/** apt.conf(5). Dir::Etc::Parts goes to /dev/null: hooks there, such as docker-clean's, act on the host's apt. */
async function writeConfig(
  path: string,
  transport: readonly string[],
  architecture: string,
  folder: string,
): Promise<void> {
  const lines = [
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::State::extended_states "${folder}/extended_states";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Log "${folder}";`,
    'Dir::Etc::SourceList "/dev/null";',
    `Dir::Etc::SourceParts "${folder}/sources";`,
    'Dir::Etc::Main "/dev/null";',
    'Dir::Etc::Parts "/dev/null";',
    'Dir::Etc::Preferences "/dev/null";',
    'Dir::Etc::PreferencesParts "/dev/null";',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    // _apt may not enter a user's cache folder; what is fetched is checked against signed hashes all the same.
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    // Lets `install --print-uris` print SHA256 in place of MD5.
    'Acquire::ForceHash "SHA256";',
    ...transport,
  ];
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** The host's proxies, certificates and timeouts; none of its choices about what to trust. */
async function readTransport(context: Context): Promise<string[]> {
  const { stdout } = await context.exec(['apt-config', 'dump', 'Acquire']);
  return stdout
    .split('\n')
    .filter((line) =>
      /^Acquire::(https?|ftp|ForceIPv[46]|Check-Valid-Until|Check-Date)\b.* "[^"]*";$/i.test(line),
    )
    .filter((line) => !line.endsWith(' "";'));
}

async function readReleaseDate(lists: string, codename: string): Promise<number> {
  for (const name of (await readdir(lists)).sort()) {
    if (!name.endsWith(`_dists_${codename}_InRelease`) && !name.endsWith(`_dists_${codename}_Release`))
      continue;
    const date = /^Date: (.+)$/m.exec(await readFile(join(lists, name), 'utf8'))?.[1];
    if (date !== undefined) return Math.floor(Date.parse(date) / 1000);
  }
  const { mtimeMs } = await stat(lists);
  return Math.floor(mtimeMs / 1000);
}
