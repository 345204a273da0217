import type { Client, SFTPWrapper } from 'ssh2';
import type SftpClient from 'ssh2-sftp-client';
import { InterruptedError } from '../../core/errors.ts';
import type { Quoted } from '../../formats/config/quoted.ts';
import { printable } from '../../formats/printable.ts';
import { hideSecrets } from '../../formats/redact-credentials.ts';

/** The connection broke or could not be made; another try may succeed. */
export class ConnectionLostError extends Error {}

/** A login on a server: files over SFTP, and programs if the server permits any. */
export interface SshConnection {
  /** For whole operations: folders, names, removal. */
  readonly client: SftpClient;
  /** For transfers, which have many requests under way. */
  readonly sftp: SFTPWrapper;
  /** The server's key, as it was accepted. */
  readonly hostKey: Buffer;
  /**
   * The promise's value, or ConnectionLostError as soon as the connection is lost: the library never answers requests
   * that it cannot send any more (ssh2 1.17, tryWritePayload in lib/protocol/SFTP.js).
   */
  guard<T>(promise: Promise<T>): Promise<T>;
  /** One request of `sftp`, with its callback as a promise, guarded. */
  request<T>(send: (done: (error: Error | undefined | null, value: T) => void) => void): Promise<T>;
  /**
   * Runs a program in the login's shell on the server; `input` is its whole standard input.
   * @returns undefined if the server does not permit it, or the program does not end in time
   */
  run(command: Quoted, options: { input?: string; timeoutMs: number }): Promise<RemoteResult | undefined>;
  /** Does `work` to its end even if the run is stopped meanwhile; only for work that must not be left half done. */
  uninterrupted<T>(work: () => Promise<T>): Promise<T>;
  /** Ends the connection, with a proper goodbye if it is still up. */
  close(): Promise<void>;
}

/** How a program on the server ended. */
export interface RemoteResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
}

/**
 * Takes over a client that has connected.
 * @param secrets texts that no message may contain
 */
export function makeConnection(
  client: SftpClient,
  sftp: SFTPWrapper,
  hostKey: Buffer,
  { secrets, signal }: { secrets: readonly string[]; signal: AbortSignal },
): SshConnection {
  let lost: Error | undefined;
  const waiting = new Set<(error: Error) => void>();
  const lose = (error: Error): void => {
    lost ??= error;
    for (const reject of waiting) reject(lost);
    waiting.clear();
  };
  const loseTo = (why: string) => () => lose(new ConnectionLostError(printable(hideSecrets(why, secrets))));
  const interrupt = () => {
    lose(new InterruptedError('interrupted'));
    getSshClient(client).destroy();
  };
  client.on('error', (error: Error) => loseTo(error.message)());
  client.on('close', loseTo('the connection was closed'));
  sftp.on('error', (error: Error) => loseTo(error.message)());
  sftp.on('close', loseTo('the server ended the file transfer'));
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();

  const guard = <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (lost !== undefined) {
        promise.catch(ignore);
        reject(lost);
        return;
      }
      waiting.add(reject);
      // An operation that fails because the connection ended gets the connection's error.
      const fail = (error: Error) => setImmediate(() => reject(lost ?? error));
      promise.then(resolve, fail).finally(() => waiting.delete(reject));
    });
  const request: SshConnection['request'] = (send) =>
    guard(
      new Promise((resolve, reject) => {
        send((error, value) => (error ? reject(error) : resolve(value)));
      }),
    );
  return {
    client,
    sftp,
    hostKey,
    guard,
    request,
    run: (command, run) => guard(runCommand(getSshClient(client), command, run)),
    uninterrupted: async (work) => {
      signal.removeEventListener('abort', interrupt);
      try {
        return await work();
      } finally {
        signal.addEventListener('abort', interrupt, { once: true });
        if (signal.aborted) interrupt();
      }
    },
    close: async () => {
      signal.removeEventListener('abort', interrupt);
      const alreadyLost = lost !== undefined;
      lose(new ConnectionLostError('the connection was closed'));
      const patience = setTimeout(() => getSshClient(client).destroy(), 2000);
      if (!alreadyLost) await client.end().catch(ignore);
      getSshClient(client).destroy();
      clearTimeout(patience);
    },
  };
}

/** The limit on a program's output; a hash is one line. */
const MAX_OUTPUT = 65_536;

function runCommand(
  client: Client,
  command: Quoted,
  { input = '', timeoutMs }: { input?: string; timeoutMs: number },
): Promise<RemoteResult | undefined> {
  return new Promise((resolve) => {
    client.exec(command, (error, channel) => {
      if (error) {
        resolve(undefined);
        return;
      }
      let stdout = '';
      let exitCode: number | undefined;
      const timer = setTimeout(() => {
        resolve(undefined);
        channel.close();
      }, timeoutMs);
      channel.on('data', (chunk: Buffer) => {
        if (stdout.length < MAX_OUTPUT) stdout += chunk.toString('utf8');
      });
      channel.stderr.resume();
      channel.on('exit', (code: number | null) => {
        exitCode = code ?? undefined;
      });
      channel.on('error', ignore);
      channel.on('close', () => {
        clearTimeout(timer);
        resolve({ exitCode, stdout });
      });
      channel.end(input);
    });
  });
}

/** The ssh2 client inside an SftpClient, which its types omit. Only it can run a program or cut the connection. */
export function getSshClient(client: SftpClient): Client {
  return (client as unknown as { client: Client }).client;
}

function ignore(): void {}
