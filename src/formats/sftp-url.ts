import { validateShellWord } from './config/shell-words.ts';

/** A folder on a server, as a user names it: `sftp://user@host[:port]/path`, or as for scp(1) `user@host:path`. */
export interface SftpAddress {
  /** Undefined: as ~/.ssh/config says, or the name of the local user. */
  readonly user: string | undefined;
  /** A name or an address, an IPv6 address without brackets; or a name of ~/.ssh/config. */
  readonly host: string;
  /** Undefined: as ~/.ssh/config says, or 22. */
  readonly port: number | undefined;
  /** From the server's root; or, with `isInHome`, from the login's home folder. */
  readonly path: string;
  readonly isInHome: boolean;
}

/** An address that is complete. */
export interface SftpTarget extends SftpAddress {
  readonly user: string;
  readonly port: number;
}

/**
 * The address, or all faults of it. In a URL (draft-ietf-secsh-scp-sftp-ssh-uri) `/~/path` is below the login's home, as
 * in curl and git; in scp's form that is every path without a slash at its beginning. A password is refused, because the
 * process list and the shell's history would show it. No fault repeats the address.
 */
export function parseSftpAddress(
  text: string,
): { readonly address: SftpAddress } | { readonly faults: readonly string[] } {
  if (text.startsWith('sftp://')) return parseUrl(text);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined)
    return { faults: [`is a ${scheme} URL; write sftp://user@host/path or user@host:path`] };
  return parseScp(text);
}

function parseUrl(text: string): ReturnType<typeof parseSftpAddress> {
  const match = /^sftp:\/\/(?:([^@/]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/@[\]]*)(?::(\d*))?(\/.*)?$/.exec(text);
  if (match === null) return { faults: ['is not a URL like sftp://user@host:port/path'] };
  const [, userInfo, hostText = '', portText, pathText = ''] = match;
  const faults: string[] = [];
  const [rawUser, ...password] = userInfo?.split(':') ?? [];
  if (password.length > 0) faults.push(PASSWORD_FAULT);
  const user = rawUser === undefined ? undefined : decode(rawUser, 'user', faults);
  if (rawUser === '') faults.push('names no user before the @');
  const port = portText === undefined ? undefined : Number(portText);
  if (portText === '' || (port !== undefined && (port < 1 || port > 65535))) {
    faults.push('has a port that is not 1 to 65535');
  }
  if (/[?#]/.test(pathText)) faults.push('holds ? or #; write %3F or %23 in the name of a folder');
  const decoded = decode(pathText, 'path', faults);
  if (decoded === '') faults.push('names no folder; sftp://user@host/~/ is the home');
  const isInHome = decoded === '/~' || decoded.startsWith('/~/');
  return finish({ user, port, isInHome }, hostText, isInHome ? decoded.slice(2) : decoded, faults);
}

function parseScp(text: string): ReturnType<typeof parseSftpAddress> {
  const match = /^(?:([^@/]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/@[\]]*):(.*)$/s.exec(text);
  if (match === null) {
    return { faults: ['names no server; write user@host:path or sftp://user@host:port/path'] };
  }
  const [, user, hostText = '', path = ''] = match;
  const faults: string[] = [];
  if (user?.includes(':')) faults.push(PASSWORD_FAULT);
  if (user === '') faults.push('names no user before the @');
  for (const [what, value = ''] of [
    ['user', user],
    ['path', path],
  ] as const) {
    const fault = validateShellWord(value);
    if (fault !== undefined) faults.push(`has a ${what} that ${fault}`);
  }
  if (/^~[^/]/.test(path)) faults.push('names the home of another user; write its whole path');
  const isInHome = !path.startsWith('/');
  return finish({ user, port: undefined, isInHome }, hostText, path.replace(/^~(?=\/|$)/, ''), faults);
}

const PASSWORD_FAULT = 'holds a password; give it in WWANPI_SSH_PASSWORD instead';

function finish(
  parts: Pick<SftpAddress, 'user' | 'port' | 'isInHome'>,
  hostText: string,
  pathText: string,
  faults: string[],
): ReturnType<typeof parseSftpAddress> {
  const host = hostText.replace(/^\[|\]$/g, '');
  if (!/^[A-Za-z0-9_.:-]+$/.test(host) || host.startsWith('-')) faults.push('names no host');
  const path = normalize(pathText);
  if (path.split('/').includes('..')) faults.push('contains ..');
  return faults.length > 0 ? { faults } : { address: { ...parts, host, path } };
}

/** The address as a URL, without secrets; the inverse of `parseSftpAddress`. */
export function formatSftpTarget({ user, host, port, path, isInHome }: SftpAddress): string {
  const place = host.includes(':') ? `[${host}]` : host;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  // A folder of the server's root that is called `~` must not be taken for the home.
  const start = isInHome ? '/~' : /^\/~(?:\/|$)/.test(path) ? '/' : '';
  const login = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  return `sftp://${login}${place}${port === undefined || port === 22 ? '' : `:${port}`}${start}${encoded}`;
}

function decode(text: string, what: string, faults: string[]): string {
  try {
    const decoded = decodeURIComponent(text);
    const fault = validateShellWord(decoded);
    if (fault !== undefined) faults.push(`has a ${what} that ${fault}`);
    return decoded;
  } catch {
    faults.push(`has a ${what} with a broken %-escape`);
    return text;
  }
}

/** One slash between two names, none at the end. */
function normalize(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}
