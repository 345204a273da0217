import { constants, open, readdir } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import SSHConfig, { type Directive, glob, type Line, LineType, type Match, type Section } from 'ssh-config';
import { explainFileError, InputError } from '../../core/errors.ts';

/** What the user's ~/.ssh/config says about a host. Paths are absolute. */
export interface SshHostConfig {
  /** HostName, by default the name that was asked for. */
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly identityFiles: readonly string[];
  /** IdentitiesOnly: no keys of the agent but those of `identityFiles`. */
  readonly identitiesOnly: boolean;
  /** IdentityAgent: a socket, or `none`. */
  readonly agent: string | undefined;
  readonly knownHosts: readonly string[] | undefined;
  /** What wwanpi leaves out, a sentence each. */
  readonly notes: readonly string[];
}

/** What the host is asked for as, and where the home is. */
export interface SshConfigQuery {
  readonly host: string;
  /** If the address names one. */
  readonly user: string | undefined;
  readonly home?: string;
}

/**
 * What a file in the language of ssh_config(5) says about a host. Of two values the first counts, as in OpenSSH. Includes
 * are read. A command of `Match exec` is never run: such a block does not apply.
 * @throws InputError when another user can change the file, it cannot be read, or it asks for a jump host or a proxy
 */
export async function readSshConfig(path: string, query: SshConfigQuery): Promise<SshHostConfig> {
  const home = query.home ?? homedir();
  const found: Found = { values: new Map(), identityFiles: [], notes: new Set(), query: { ...query, home } };
  await applyFile(path, found, 0);
  const first = (name: string) => found.values.get(name)?.[0];
  for (const name of ['proxyjump', 'proxycommand']) {
    const value = first(name);
    if (value === undefined || value.toLowerCase() === 'none') continue;
    throw new InputError(
      `${path} asks for a ${name === 'proxyjump' ? 'jump host' : 'proxy'} to reach ${query.host}`,
      {
        hint: 'wwanpi publish connects directly only: copy the folder with rsync or scp, or publish from a machine that reaches the server',
      },
    );
  }
  const host = getHostName(found);
  const user = query.user ?? first('user');
  const port = first('port');
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new InputError(`${path}: the port of ${query.host} is not a number from 1 to 65535`);
  }
  const remoteUser = user ?? userInfo().username;
  const toPath = (text: string) => expandPath(text, { host, user: remoteUser, home });
  const identityFiles = found.identityFiles.filter((text) => text !== 'none').map(toPath);
  const agent = first('identityagent');
  return {
    ...{ host, user, identityFiles, port: port === undefined ? undefined : Number(port) },
    identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
    agent:
      agent === undefined || agent === 'SSH_AUTH_SOCK' ? undefined : agent === 'none' ? agent : toPath(agent),
    knownHosts: found.values
      .get('userknownhostsfile')
      ?.filter((text) => text !== 'none')
      .map(toPath),
    notes: [...found.notes],
  };
}

interface Found {
  /** By lower-case name; the first that was met. */
  readonly values: Map<string, readonly string[]>;
  /** These add up. */
  readonly identityFiles: string[];
  readonly notes: Set<string>;
  readonly query: SshConfigQuery & { readonly home: string };
}

/** READCONF_MAX_DEPTH of OpenSSH's readconf.c. */
const MAX_DEPTH = 16;
const MAX_BYTES = 1 << 20;

async function applyFile(path: string, found: Found, depth: number): Promise<void> {
  const text = await readSafely(path);
  if (text === undefined) return;
  if (depth > MAX_DEPTH) throw new InputError(`${path}: too many levels of Include`);
  let lines: SSHConfig;
  try {
    lines = SSHConfig.parse(text);
  } catch (error) {
    throw new InputError(`${path} cannot be parsed: ${(error as Error).message}`, { cause: error });
  }
  await applyLines(lines, path, found, depth);
}

async function applyLines(lines: readonly Line[], path: string, found: Found, depth: number): Promise<void> {
  for (const line of lines) {
    if (line.type !== LineType.DIRECTIVE) continue;
    const name = line.param.toLowerCase();
    if (name === 'host') {
      if (glob([...readWords(line)], found.query.host))
        await applyLines((line as Section).config, path, found, depth);
    } else if (name === 'match') {
      if (isMatch(line as Match, path, found)) await applyLines((line as Section).config, path, found, depth);
    } else if (name === 'include') {
      for (const pattern of readWords(line)) {
        for (const file of await listIncluded(pattern, found.query.home))
          await applyFile(file, found, depth + 1);
      }
    } else if (name === 'identityfile') {
      found.identityFiles.push(...readWords(line));
    } else if (!found.values.has(name)) {
      found.values.set(name, readWords(line));
    }
  }
}

function isMatch({ criteria }: Match, path: string, found: Found): boolean {
  const { host, user } = found.query;
  const tests: Readonly<Record<string, () => string>> = {
    host: () => getHostName(found),
    originalhost: () => host,
    user: () => user ?? found.values.get('user')?.[0] ?? userInfo().username,
    localuser: () => userInfo().username,
  };
  return Object.entries(criteria).every(([key, value]) => {
    const name = key.toLowerCase();
    if (name === 'all') return true;
    const test = tests[name];
    if (test !== undefined) {
      const patterns = typeof value === 'string' ? value : value.map(({ val }) => val).join(',');
      return glob(patterns, test());
    }
    if (name.endsWith('exec'))
      found.notes.add(`${path}: a block "Match exec" does not apply: wwanpi runs no commands of it`);
    return false;
  });
}

function getHostName(found: Found): string {
  const { host } = found.query;
  return (found.values.get('hostname')?.[0] ?? host).replaceAll(/%[h%]/g, (token) =>
    token === '%h' ? host : '%',
  );
}

function readWords({ value, quoted }: Directive): readonly string[] {
  if (typeof value !== 'string') return value.map(({ val }) => val);
  if (quoted === true) return [value];
  return [...value.matchAll(/"([^"]*)"|(\S+)/g)].map(([, inQuotes, word]) => inQuotes ?? word ?? '');
}

/** Files in the language of glob(7), but only in the last part of the path; relative to ~/.ssh. */
async function listIncluded(pattern: string, home: string): Promise<string[]> {
  const path = resolve(home, '.ssh', pattern.replace(/^~(?=\/)/, home));
  const [folder, name] = [dirname(path), basename(path)];
  if (!/[*?]/.test(path)) return [path];
  if (/[*?]/.test(folder))
    throw new InputError(`Include ${pattern}: * and ? are understood in the last part of the path only`);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((each) => (!each.startsWith('.') || name.startsWith('.')) && glob([name], each))
    .sort()
    .map((each) => join(folder, each));
}

/** As ssh does: a file that others could change could send the login elsewhere. */
async function readSafely(path: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new InputError(`cannot read ${path}: ${explainFileError(error)}`);
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MAX_BYTES) throw new InputError(`${path} is no configuration of ssh`);
    if ((stats.uid !== 0 && stats.uid !== process.geteuid?.()) || (stats.mode & 0o022) !== 0) {
      throw new InputError(`${path} can be changed by other users`, {
        hint: `chmod go-w ${path}, and make it yours`,
      });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The tokens of ssh_config(5), "TOKENS", that name the user, the host and the home. */
function expandPath(
  text: string,
  { host, user, home }: { host: string; user: string; home: string },
): string {
  const tokens: Readonly<Record<string, string>> = {
    ...{ '%%': '%', '%d': home, '%h': host, '%r': user, '%u': userInfo().username },
  };
  return resolve(text.replace(/^~(?=\/|$)/, home).replaceAll(/%./g, (token) => tokens[token] ?? token));
}
