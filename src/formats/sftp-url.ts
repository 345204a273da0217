import { validateShellWord } from './config/shell-words.ts';

/** A folder on a server: `sftp://user@host[:port]/path`. */
export interface SftpTarget {
  readonly user: string;
  /** A name or an address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** From the server's root; or, with `isInHome`, from the login's home folder. */
  readonly path: string;
  readonly isInHome: boolean;
}

/**
 * The target of a URL (draft-ietf-secsh-scp-sftp-ssh-uri), or all faults of the URL. `/~/path` is below the login's
 * home, as in curl and git. A password is refused, because the process list and the shell's history would show it.
 * No fault repeats the URL.
 */
export function parseSftpUrl(text: string): { target: SftpTarget } | { faults: readonly string[] } {
  const match = /^sftp:\/\/(?:([^@/]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/@[\]]*)(?::(\d*))?(\/.*)?$/.exec(text);
  if (!text.startsWith('sftp://')) return { faults: ['is not an sftp:// URL'] };
  if (match === null) return { faults: ['is not a URL like sftp://user@host:port/path'] };
  const [, userInfo = '', hostText = '', portText, pathText = ''] = match;
  const faults: string[] = [];
  const [rawUser = '', ...password] = userInfo.split(':');
  if (password.length > 0) faults.push('holds a password; give it in WWANPI_SSH_PASSWORD instead');
  const user = decode(rawUser, 'user', faults);
  if (rawUser === '') faults.push('names no user');
  const host = hostText.replace(/^\[|\]$/g, '');
  if (!/^[A-Za-z0-9_.:-]+$/.test(host) || host.startsWith('-')) faults.push('names no host');
  const port = portText === undefined ? 22 : Number(portText);
  if (portText === '' || port < 1 || port > 65535) faults.push('has a port that is not 1 to 65535');
  if (/[?#]/.test(pathText)) faults.push('holds ? or #; write %3F or %23 in the name of a folder');
  const decoded = decode(pathText, 'path', faults);
  if (decoded === '') faults.push('names no folder; sftp://user@host/~/ is the home');
  const isInHome = decoded === '/~' || decoded.startsWith('/~/');
  const path = normalize(isInHome ? decoded.slice(2) : decoded);
  if (path.split('/').includes('..')) faults.push('contains ..');
  return faults.length > 0 ? { faults } : { target: { user, host, port, path, isInHome } };
}

/** The target's URL, without secrets; the inverse of `parseSftpUrl`. */
export function formatSftpTarget({ user, host, port, path, isInHome }: SftpTarget): string {
  const place = host.includes(':') ? `[${host}]` : host;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  // A folder of the server's root that is called `~` must not be taken for the home.
  const start = isInHome ? '/~' : /^\/~(?:\/|$)/.test(path) ? '/' : '';
  return `sftp://${encodeURIComponent(user)}@${place}${port === 22 ? '' : `:${port}`}${start}${encoded}`;
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
