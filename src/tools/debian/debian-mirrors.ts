import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { type Environment, readVariable } from '../../core/environment.ts';
import { InputError } from '../../core/errors.ts';
import {
  type AptSource,
  parseDeb822Sources,
  parseOneLineSources,
  parseStanzas,
} from '../../formats/debian/apt-sources.ts';

/** The Debian mirrors of this machine. URIs have no trailing slash and may contain credentials. */
export interface DebianMirrors {
  readonly main: DebianMirror;
  /** The security archive, if the machine is configured for it. */
  readonly security: DebianMirror | undefined;
}

/** One archive and the key that signs it (a path, paths, or an armoured block; sources.list(5)). */
export interface DebianMirror {
  readonly uri: string;
  readonly signedBy: string;
}

/** From the package debian-archive-keyring; its keys sign every Debian release, on every mirror. */
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Those that a run has found already: apt takes half a second of processor time to say them. */
const found = new WeakMap<Context, Promise<DebianMirrors>>();

/**
 * Finds the Debian mirror that this machine is configured for, so wwanpi needs no built-in host. A mirror is
 * Debian's if apt has lists from it signed as "Origin: Debian"; without lists, the names of the configured
 * suites decide. WWANPI_DEBIAN_MIRROR, a URI, overrides both, so a machine that is not Debian can build too.
 * @throws InputError when the machine has no Debian mirror, or no key for it.
 */
export function findDebianMirrors(
  context: Context,
  environment: Environment = process.env,
): Promise<DebianMirrors> {
  const known = environment === process.env ? found.get(context) : undefined;
  const mirrors = known ?? findMirrors(context, environment);
  if (environment === process.env) found.set(context, mirrors);
  return mirrors;
}

async function findMirrors(context: Context, environment: Environment): Promise<DebianMirrors> {
  const given = readVariable('WWANPI_DEBIAN_MIRROR', environment)?.replace(/\/+$/, '');
  if (given !== undefined)
    return { main: { uri: given, signedBy: await debianKeyring() }, security: undefined };
  const sources = await readHostSources(context);
  const signed = await readIndexTargets(context, sources);
  const mirrors = signed.length > 0 ? signed : sources.filter(looksLikeDebian).map(asTarget);
  const main = mirrors.find((mirror) => !mirror.security);
  const security = mirrors.find((mirror) => mirror.security);
  if (main === undefined) {
    throw new InputError('no Debian mirror is configured on this machine', {
      hint: 'set WWANPI_DEBIAN_MIRROR to the URI of one; its key comes from the package debian-archive-keyring',
    });
  }
  return { main: await finish(main), security: security && (await finish(security)) };
}

interface Target {
  readonly uri: string;
  readonly signedBy: string | undefined;
  readonly security: boolean;
}

/** The indexes that apt has fetched and checked: their Release files name the origin. */
async function readIndexTargets(context: Context, sources: readonly AptSource[]): Promise<Target[]> {
  const { stdout } = await context.exec([
    'apt-get',
    'indextargets',
    'Created-By: Packages',
    'Origin: Debian',
  ]);
  return parseStanzas(stdout).map((fields) => {
    const uri = (fields.get('repo-uri') ?? '').replace(/\/+$/, '');
    const source = sources.find((entry) => entry.uri === uri && entry.suite === fields.get('release'));
    return { uri, signedBy: source?.signedBy, security: fields.get('label') === 'Debian-Security' };
  });
}

async function readHostSources(context: Context): Promise<AptSource[]> {
  const { stdout } = await context.exec([
    'apt-config',
    'shell',
    'LIST',
    'Dir::Etc::SourceList/f',
    'PARTS',
    'Dir::Etc::SourceParts/d',
  ]);
  const list = /^LIST='(.*)'$/m.exec(stdout)?.[1] ?? '/etc/apt/sources.list';
  const parts = (/^PARTS='(.*)'$/m.exec(stdout)?.[1] ?? '/etc/apt/sources.list.d').replace(/\/$/, '');
  const names = (await readdir(parts).catch(() => [])).sort();
  const files = [list, ...names.filter((name) => /\.(list|sources)$/.test(name)).map((n) => join(parts, n))];
  const sources = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8').catch(() => '');
      return file.endsWith('.sources') ? parseDeb822Sources(text) : parseOneLineSources(text);
    }),
  );
  return sources.flat();
}

/** Recognises Debian's archive before any update, by the codenames and aliases that Debian has used. */
function looksLikeDebian(source: AptSource): boolean {
  return (
    source.components.includes('main') &&
    /^(oldoldstable|oldstable|stable|testing|buster|bullseye|bookworm|trixie|forky|duke)([-/].*)?$/.test(
      source.suite,
    )
  );
}

function asTarget(source: AptSource): Target {
  return {
    uri: source.uri,
    signedBy: source.signedBy,
    security: /(-security|\/updates)$/.test(source.suite),
  };
}

async function finish(target: Target): Promise<DebianMirror> {
  return { uri: await firstMirror(target.uri), signedBy: target.signedBy ?? (await debianKeyring()) };
}

/** Cloud images have `mirror+file:/etc/apt/mirrors/debian.list` (apt-transport-mirror(1)): its first entry. */
async function firstMirror(uri: string): Promise<string> {
  const file = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (file === undefined) return uri;
  const first = /^\s*([a-z][^\s#]*)/m.exec(await readFile(file, 'utf8'))?.[1];
  return first?.replace(/\/+$/, '') ?? uri;
}

/** Without Signed-By apt would accept every key of /etc/apt/trusted.gpg.d, including those of other archives. */
async function debianKeyring(): Promise<string> {
  await access(DEBIAN_KEYRING).catch((cause: unknown) => {
    throw new InputError("no key to check Debian's package lists is installed", {
      hint: 'apt-get install debian-archive-keyring, or set Signed-By for the mirror in /etc/apt (sources.list(5))',
      cause,
    });
  });
  return DEBIAN_KEYRING;
}
