import type { AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import SftpClient from 'ssh2-sftp-client';
import { type AppError, InterruptedError, NetworkError, VerificationError } from '../../core/errors.ts';
import { readKeyType } from '../../formats/known-hosts.ts';
import { printable } from '../../formats/printable.ts';
import { hideSecrets } from '../../formats/redact-credentials.ts';
import { ConnectionLostError, getSshClient, makeConnection, type SshConnection } from './ssh-connection.ts';
import { checkServer, type HostTrust, preferredKeyTypes } from './ssh-host-key.ts';
import type { Login } from './ssh-login.ts';

/** The server to connect to, the login, and the host keys to accept. */
export interface SshOptions {
  readonly host: string;
  readonly port: number;
  readonly login: Login;
  readonly trust: HostTrust;
  readonly signal: AbortSignal;
  /** Interval of keepalive requests [15 s]; after five without an answer the connection is closed. */
  readonly keepaliveMs?: number | undefined;
}

/**
 * Connects, checks the server's key before anything is sent to it, and logs in.
 * @throws VerificationError when the server's key is not accepted, NetworkError when it refuses the login,
 *   ConnectionLostError when it cannot be reached or the connection breaks, InterruptedError
 */
export async function connectSsh(options: SshOptions): Promise<SshConnection> {
  let algorithms = orderKeyAlgorithms(preferredKeyTypes(options.trust, options.host, options.port));
  let refusal: AppError | undefined;
  for (;;) {
    const attempt = await tryConnect(options, algorithms);
    if ('connection' in attempt) return attempt.connection;
    if (attempt.error instanceof VerificationError) refusal ??= attempt.error;
    // A fingerprint does not tell its key type: another key of the server may be the right one.
    const shown = attempt.shownType;
    if (options.trust.kind === 'known-hosts' || !(attempt.error instanceof VerificationError)) {
      throw refusal ?? attempt.error;
    }
    algorithms = algorithms.filter((algorithm) => getKeyType(algorithm) !== shown);
    if (algorithms.length === 0) throw refusal;
  }
}

type Attempt =
  | { readonly connection: SshConnection }
  | { readonly error: Error; readonly shownType: string | undefined };

/** A dead line is noticed after 75 s, so a slow one with 2 MiB under way is not taken for dead. */
const KEEPALIVE_MS = 15_000;
const READY_TIMEOUT_MS = 30_000;

async function tryConnect(options: SshOptions, algorithms: readonly string[]): Promise<Attempt> {
  const { host, port, login, trust, signal } = options;
  const client = new SftpClient('wwanpi', { error: ignore, end: ignore, close: ignore });
  let hostKey: Buffer | undefined;
  let refusal: AppError | undefined;
  let failure: (Error & { level?: string }) | undefined;
  client.on('error', (error: Error) => {
    failure ??= error;
  });
  const offered = new Set<string>();
  const stop = () => getSshClient(client).destroy();
  signal.addEventListener('abort', stop, { once: true });
  // Without this, a server that accepts the login and then is silent would block us for ever.
  const patience = setTimeout(stop, 2 * READY_TIMEOUT_MS);
  try {
    if (signal.aborted) throw new InterruptedError('interrupted');
    const sftp = await client.connect({
      host,
      port,
      username: login.user,
      authHandler: offerMethods(login, offered),
      algorithms: { serverHostKey: [...algorithms] as never },
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: options.keepaliveMs ?? KEEPALIVE_MS,
      keepaliveCountMax: 4,
      hostVerifier: (key: Buffer) => {
        hostKey = key;
        refusal = checkServer(trust, host, port, key);
        return refusal === undefined;
      },
    });
    const { secrets } = login;
    return { connection: makeConnection(client, sftp, hostKey ?? Buffer.alloc(0), { secrets, signal }) };
  } catch (thrown) {
    const shownType = hostKey === undefined ? undefined : readKeyType(hostKey);
    getSshClient(client).destroy();
    if (signal.aborted) return { error: new InterruptedError('interrupted'), shownType };
    if (refusal !== undefined) return { error: refusal, shownType };
    return { error: explainFailure(options, failure ?? (thrown as Error), offered), shownType };
  } finally {
    clearTimeout(patience);
    signal.removeEventListener('abort', stop);
  }
}

/** Queries the server's methods first (`none`), then offers ours that the server accepts, each once. */
function offerMethods(login: Login, offered: Set<string>): AuthHandlerMiddleware {
  const waiting = [...login.methods];
  let hasAsked = false;
  return ((left: readonly AuthenticationType[] | null) => {
    if (!hasAsked) {
      hasAsked = true;
      return { type: 'none', username: login.user };
    }
    for (const name of left ?? []) offered.add(name);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (left === null || left.includes(next.protocolName)) return next.method;
    }
    return false;
  }) as unknown as AuthHandlerMiddleware;
}

/** Why the login failed, as an error: refusals are final, after other errors another try may succeed. */
function explainFailure(
  { host, port, login }: SshOptions,
  failure: Error & { level?: string; code?: string | number },
  offered: ReadonlySet<string>,
): Error {
  const message = printable(hideSecrets(failure.message, login.secrets));
  const place = `${host}${port === 22 ? '' : ` port ${port}`}`;
  if (failure.level === 'client-authentication' || /authentication failures/i.test(message)) {
    const takes = offered.size === 0 ? '' : `; it takes ${printable([...offered].join(', '))}`;
    return new NetworkError(`${place} does not let ${login.user} in with ${login.description}${takes}`, {
      hint: "check the user's name, and that this key is in its authorized_keys there or the password right",
    });
  }
  if (/no matching/.test(message)) {
    return new NetworkError(`no common SSH algorithm with ${place}: ${message}`);
  }
  if (/subsystem|while establishing SFTP session|packet length/i.test(message)) {
    return new NetworkError(`${place} lets ${login.user} in, but not to SFTP: ${message}`, {
      hint: 'its sshd needs a "Subsystem sftp" line, and the login must print nothing before it',
    });
  }
  if (failure.code === 'ENOTFOUND') {
    return new NetworkError(`there is no host ${host}`, {
      hint: 'check its name, and that the network is up',
    });
  }
  return new ConnectionLostError(`${place}: ${message}`);
}

/** A host key type and the signature algorithms the library knows for it (RFC 8332 for RSA). */
const KEY_ALGORITHMS: ReadonlyArray<readonly [keyType: string, algorithms: readonly string[]]> = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
];

function orderKeyAlgorithms(preferredTypes: readonly string[]): readonly string[] {
  const isPreferred = ([type]: readonly [string, readonly string[]]) => preferredTypes.includes(type);
  return [
    ...KEY_ALGORITHMS.filter(isPreferred),
    ...KEY_ALGORITHMS.filter((entry) => !isPreferred(entry)),
  ].flatMap(([, algorithms]) => algorithms);
}

function getKeyType(algorithm: string): string | undefined {
  return KEY_ALGORITHMS.find(([, algorithms]) => algorithms.includes(algorithm))?.[0];
}

function ignore(): void {}
