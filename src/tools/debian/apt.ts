import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { isUnwritable, NetworkError } from '../../core/errors.ts';
import { type AptSource, formatDeb822Sources } from '../../formats/debian/apt-sources.ts';
import { sha256Text } from '../files/hash.ts';
import { type AptOptions, fetchLists, nameSource, readTransport, writeConfig } from './apt-lists.ts';
import { findDebianMirrors } from './debian-mirrors.ts';
import { findLists, type ProvenLists } from './proven-lists.ts';

/** A private apt: Debian's package lists for one release and architecture, independent of the host's apt. */
export interface Apt {
  readonly context: Context;
  readonly architecture: string;
  readonly codename: string;
  /** The archives in use; a suite that could not be fetched is not among them. */
  readonly sources: readonly AptSource[];
  /** When the release's index was signed, in seconds since 1970: a reproducible date, for SOURCE_DATE_EPOCH. */
  readonly epochSeconds: number;
  /** The configuration file, for APT_CONFIG. */
  readonly configPath: string;
  /** The archives that the machine is configured for, including those that could not be fetched. */
  readonly configured: readonly AptSource[];
  /** apt.conf(5) lines of the host's proxies and certificates, for another apt. */
  readonly transport: readonly string[];
  /** Fetched in this run, not taken from the cache. */
  readonly fresh: boolean;
  /** The folder for what apt answers (apt-answers.ts); undefined if an answer depends on more than the lists. */
  readonly answers: string | undefined;
}

/** Security updates come at most daily; within half a working day a build needs no network. */
const FRESH_MS = 6 * 3600_000;
/** Lists this old are deleted once newer ones exist; until then they serve a machine without a network. */
const KEEP_MS = 8 * FRESH_MS;

/** Runs that could not reach the mirror and use older lists: they do not try again. */
const offlineRuns = new WeakSet<Context>();

/**
 * Opens Debian's package lists: fetched (signature checked by apt), or from the cache if younger than
 * six hours. Runs as an ordinary user. A suite that cannot be fetched is left out with a warning, unless
 * it is the release itself. If nothing can be fetched, older lists from the cache are used, with a
 * warning: the cache often has the packages too.
 * @throws NetworkError when the release cannot be fetched and never was, InputError when no mirror is known.
 */
export async function openApt(context: Context, options: AptOptions): Promise<Apt> {
  const wanted = await wantedSources(context, options);
  return openSources(context, options, wanted, wanted);
}

/**
 * The same for given sources.
 * @param identity what decides the contents of the lists: of other identities, none are taken from the cache
 * @param more lines of apt.conf(5)
 */
export async function openSources(
  context: Context,
  options: AptOptions,
  wanted: readonly AptSource[],
  identity: unknown,
  more: readonly string[] = [],
): Promise<Apt> {
  const types = options.sources === true ? 'deb-src' : 'deb';
  const section = join(context.cacheDir, 'apt');
  const key = sha256Text(JSON.stringify([options.architecture, types, identity])).slice(0, 16);
  const { newest, older } = await findLists(context, section, key);
  const known = newest !== undefined && isEnough(context, options, newest, wanted) ? newest : undefined;
  const usable =
    options.refresh !== true && known !== undefined && (known.ageMs < FRESH_MS || offlineRuns.has(context));
  const { folder, suites, fresh } = usable
    ? { folder: known.path, suites: known.suites, fresh: false }
    : await renewLists(context, options, { wanted, types, section, key, known, older });
  const sources = wanted.filter((source) => suites.includes(nameSource(options, source)));
  const transport = await readTransport(context);
  // Not beside the lists: root may have filled that cache, and this user can only read it. Mirror and key come from this
  // machine's configuration, never from the cache.
  const sourcesFolder = join(context.tmpDir, `apt-${key}`);
  await writeSources(sourcesFolder, formatDeb822Sources(sources, types));
  const configPath = join(context.tmpDir, `apt-${key}.conf`);
  await writeConfig(configPath, transport, options.architecture, folder, sourcesFolder, more);
  return {
    context,
    architecture: options.architecture,
    codename: options.codename,
    sources,
    epochSeconds: await readReleaseDate(join(folder, 'state/lists'), options.codename),
    configPath,
    configured: wanted,
    transport,
    fresh,
    answers: more.length === 0 ? join(folder, 'answers') : undefined,
  };
}

/** apt rebuilds its package cache if the sources are newer than it, so they get an old time. */
async function writeSources(folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'wwanpi.sources'), text, { mode: 0o600 });
  await utimes(join(folder, 'wwanpi.sources'), 1, 1);
  await utimes(folder, 1, 1);
}

/** False for lists that lack a suite when all are required. */
function isEnough(
  context: Context,
  options: AptOptions,
  lists: ProvenLists,
  wanted: readonly AptSource[],
): boolean {
  const isThere = (source: AptSource) => lists.suites.includes(nameSource(options, source));
  return context.requireUpdates !== true || wanted.every(isThere);
}

/**
 * Calls `fn` with opened lists. If the mirror no longer has a package that lists from the cache name, calls it
 * once more with fresh lists.
 */
export async function withApt<T>(
  context: Context,
  options: AptOptions,
  fn: (apt: Apt) => Promise<T>,
): Promise<T> {
  return withFreshApt(
    (refresh) => openApt(context, { ...options, refresh: refresh || options.refresh === true }),
    fn,
  );
}

/** The same for what `open` opens. */
export async function withFreshApt<T>(
  open: (refresh: boolean) => Promise<Apt>,
  fn: (apt: Apt) => Promise<T>,
): Promise<T> {
  const apt = await open(false);
  try {
    return await fn(apt);
  } catch (error) {
    if (!(error instanceof NetworkError) || apt.fresh) throw error;
    return fn(await open(true));
  }
}

/** Runs one of apt's programs on these lists. */
export async function runApt(apt: Apt, argv: readonly [string, ...string[]], cwd?: string): Promise<string> {
  const { stdout } = await apt.context.exec(argv, {
    env: { APT_CONFIG: apt.configPath, DEBIAN_FRONTEND: 'noninteractive' },
    cwd,
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

interface Renewal {
  readonly wanted: readonly AptSource[];
  readonly types: string;
  readonly section: string;
  readonly key: string;
  readonly known: ProvenLists | undefined;
  readonly older: readonly string[];
}

/** Fetches lists. If that fails, falls back to older lists, unless they were just refused. */
async function renewLists(
  context: Context,
  options: AptOptions,
  { wanted, types, section, key, known, older }: Renewal,
): Promise<{ folder: string; suites: readonly string[]; fresh: boolean }> {
  const fallback = options.refresh === true ? undefined : known;
  const folder = join(section, `${key}-${Date.now()}`);
  try {
    const suites = await fetchLists(context, options, wanted, types, folder, fallback !== undefined);
    const old = known !== undefined && known.ageMs > KEEP_MS ? [known.path, ...older] : older;
    for (const path of old) await rm(path, { recursive: true, force: true });
    return { folder, suites, fresh: true };
  } catch (error) {
    if (fallback === undefined || !(error instanceof NetworkError || isUnwritable(error))) throw error;
    offlineRuns.add(context);
    const age = `${Math.round(fallback.ageMs / 3600_000)} hours old`;
    const why = error instanceof NetworkError ? error.message : `cannot write ${dirname(folder)}`;
    context.report.warn(`${why}; going on with the lists in the cache, ${age}`);
    return { folder: fallback.path, suites: fallback.suites, fresh: false };
  }
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
