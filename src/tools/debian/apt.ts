import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { NetworkError } from '../../core/errors.ts';
import type { AptSource } from '../../formats/debian/apt-sources.ts';
import { sha256Text } from '../files/hash.ts';
import {
  type AptOptions,
  fetchLists,
  type ListFolder,
  listFolders,
  readTransport,
  writeConfig,
} from './apt-lists.ts';
import { findDebianMirrors } from './debian-mirrors.ts';

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
  const types = options.sources === true ? 'deb deb-src' : 'deb';
  const section = join(context.cacheDir, 'apt');
  const key = sha256Text(JSON.stringify([options.architecture, types, wanted])).slice(0, 16);
  const known = await listFolders(section, key);
  const newest = known.at(-1);
  const usable =
    options.refresh !== true && newest !== undefined && (newest.ageMs < FRESH_MS || offlineRuns.has(context));
  const { folder, fresh } = usable
    ? { folder: newest.path, fresh: false }
    : await renewLists(context, options, wanted, types, join(section, `${key}-${Date.now()}`), known);
  const transport = await readTransport(context);
  // Not beside the lists: root may have filled that cache, and this user can only read it.
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
 * Calls `fn` with opened lists. If the mirror no longer has a package that lists from the cache name, calls it
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

/** Fetches lists into `folder`. If that fails, falls back to older lists, unless they were just refused. */
async function renewLists(
  context: Context,
  options: AptOptions,
  wanted: readonly AptSource[],
  types: string,
  folder: string,
  known: readonly ListFolder[],
): Promise<{ folder: string; fresh: boolean }> {
  const fallback = options.refresh === true ? undefined : known.at(-1);
  try {
    await fetchLists(context, options, wanted, types, folder, fallback !== undefined);
  } catch (error) {
    if (fallback === undefined || !(error instanceof NetworkError || isUnwritable(error))) throw error;
    offlineRuns.add(context);
    const age = `${Math.round(fallback.ageMs / 3600_000)} hours old`;
    const why = error instanceof NetworkError ? error.message : `cannot write ${dirname(folder)}`;
    context.report.warn(`${why}; going on with the lists in the cache, ${age}`);
    return { folder: fallback.path, fresh: false };
  }
  for (const { path, ageMs } of known) {
    if (ageMs > KEEP_MS) await rm(path, { recursive: true, force: true });
  }
  return { folder, fresh: true };
}

/** True for a cache that another user filled, or that is on a read-only disk. */
function isUnwritable(error: unknown): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // Node 20 reports ENOENT for a recursive mkdir on a read-only disk.
  return ['EACCES', 'EPERM', 'EROFS'].includes(code) || (code === 'ENOENT' && syscall === 'mkdir');
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
