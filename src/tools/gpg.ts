import { InputError, ToolFailedError } from '../core/errors.ts';
import type { Exec, ExecOptions } from '../core/exec.ts';

/** A secret key of GnuPG that can sign. */
export interface GpgKey {
  /** Of the primary key, 40 hex digits in upper case. */
  readonly fingerprint: string;
  readonly userId: string;
}

/**
 * The only secret key that matches `name` (an id, a fingerprint, an address).
 * @throws InputError when there is none, several, or one that cannot sign any more
 */
export async function findGpgKey(exec: Exec, name: string): Promise<GpgKey> {
  const { stdout, exitCode } = await exec(
    ['gpg', ...BATCH, '--with-colons', '--list-secret-keys', '--', name],
    { ...options(), okExitCodes: [2] },
  );
  const keys = exitCode === 0 ? parseSecretKeys(stdout) : [];
  const [key] = keys;
  if (key === undefined) {
    throw new InputError(`--sign ${name}: gpg has no such secret key, and there is no such file`, {
      hint: 'gpg --list-secret-keys shows those it has; or give the file of a minisign secret key',
    });
  }
  if (keys.length > 1) {
    throw new InputError(`--sign ${name} stands for ${keys.length} secret keys`, {
      hint: `give a fingerprint: ${keys.map(({ fingerprint }) => fingerprint).join(', ')}`,
    });
  }
  if (key.fault !== undefined) throw new InputError(`--sign ${name}: the key ${key.fault}`);
  return { fingerprint: key.fingerprint, userId: key.userId };
}

/**
 * A detached signature over a file, as the text of an .asc file.
 * @param passphrase of the key; by default GnuPG's agent knows it or asks for it
 * @throws InputError when the key cannot be used
 */
export async function signWithGpg(
  exec: Exec,
  key: GpgKey,
  path: string,
  passphrase: string | undefined,
): Promise<string> {
  // Loopback: gpg reads the passphrase from its standard input, not from a pinentry.
  const given = passphrase === undefined ? [] : ['--pinentry-mode', 'loopback', '--passphrase-fd', '0'];
  try {
    const { stdout } = await exec(
      [
        'gpg',
        ...[...BATCH, ...given, '--local-user', key.fingerprint],
        ...['--digest-algo', 'SHA512', '--armor', '--output', '-', '--detach-sign', '--', path],
      ],
      { ...options(), input: passphrase },
    );
    return stdout;
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new InputError(`--sign: gpg can't sign with ${key.fingerprint} (${key.userId})`, {
      hint:
        passphrase === undefined
          ? 'its passphrase comes from gpg-agent, which has to know it or be able to ask, or from $WWANPI_SIGN_PASSPHRASE'
          : 'is $WWANPI_SIGN_PASSPHRASE its passphrase?',
      detail: error.detail,
      cause: error,
    });
  }
}

const BATCH = ['--batch', '--no-tty'];

/** By these gpg finds its keys, its agent and the terminal for questions. */
const ENVIRONMENT = [
  'GNUPGHOME',
  'GPG_TTY',
  'XDG_RUNTIME_DIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
];

function options(): Pick<ExecOptions, 'env'> {
  const entries = ENVIRONMENT.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { env: Object.fromEntries(entries) };
}

interface ListedKey extends GpgKey {
  readonly fault: string | undefined;
}

/** GnuPG's colon listing (doc/DETAILS): field 2 is the validity, 5 the id, 12 the key's capabilities, in capitals. */
function parseSecretKeys(listing: string): ListedKey[] {
  const keys: { fingerprint: string; userId: string; fault: string | undefined }[] = [];
  for (const line of listing.split('\n')) {
    const fields = line.split(':');
    const key = keys.at(-1);
    if (fields[0] === 'sec') {
      keys.push({ fingerprint: '', userId: '', fault: getFault(fields[1] ?? '', fields[11] ?? '') });
    } else if (fields[0] === 'fpr' && key?.fingerprint === '') key.fingerprint = fields[9] ?? '';
    else if (fields[0] === 'uid' && key?.userId === '') key.userId = unescapeColons(fields[9] ?? '');
  }
  return keys;
}

function getFault(validity: string, capabilities: string): string | undefined {
  if (validity === 'e') return 'has expired';
  if (validity === 'r') return 'was revoked';
  if (capabilities.includes('D')) return 'is disabled';
  return capabilities.includes('S') ? undefined : 'can not sign';
}

function unescapeColons(text: string): string {
  return text.replaceAll('\\x3a', ':');
}
