import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

/** A real OpenSSH server on loopback, with a configuration and keys of its own. */
export interface SshServer {
  readonly port: number;
  /** Who may log in with `identity`: whoever runs the test. */
  readonly user: string;
  /** A private key without passphrase that it lets in. */
  readonly identity: string;
  /** Public host keys, as in known_hosts after the name, by type. */
  readonly hostKeys: ReadonlyMap<string, string>;
  /** A known_hosts file that knows all of them. */
  readonly knownHosts: string;
  /** An empty folder to publish into. */
  readonly target: string;
  /** All of the above is in here. */
  readonly folder: string;
  /** What sshd has said so far. */
  log(): string;
}

/** What differs from the usual. */
export interface SshServerOptions {
  /** [ed25519] */
  readonly hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
  /** What serves files [internal-sftp]. */
  readonly sftp?: string;
  /** Lines of sshd_config(5). */
  readonly config?: readonly string[];
  /** Lines at its end, for Match blocks. */
  readonly matches?: readonly string[];
}

const SSHD = '/usr/sbin/sshd';

/** Why no server can be started here, for `t.skip`; undefined where one can. */
export function sshServerLack(): string | undefined {
  return existsSync(SSHD) ? undefined : 'sshd is missing: apt-get install openssh-server';
}

/** Starts a server, which is gone when the test ends. */
export async function startSshServer(t: TestContext, options: SshServerOptions = {}): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sshd-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  // Another user's login must get to the target.
  await chmod(folder, 0o755);
  const target = join(folder, 'target');
  await mkdir(target);
  const identity = join(folder, 'id_ed25519');
  await makeKey(identity);
  const port = await findFreePort();
  const hostKeys = new Map<string, string>();
  for (const type of options.hostKeyTypes ?? ['ed25519']) {
    await makeKey(join(folder, `host_${type}`), type);
    const [keyType = '', blob = ''] = (await readFile(join(folder, `host_${type}.pub`), 'utf8')).split(' ');
    hostKeys.set(keyType, `${keyType} ${blob}`);
  }
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, [...hostKeys.values()].map((key) => `[127.0.0.1]:${port} ${key}\n`).join(''));
  const config = join(folder, 'sshd_config');
  const base = [
    // First, since of two lines the first counts.
    ...(options.config ?? []),
    `ListenAddress 127.0.0.1:${port}`,
    ...[...(options.hostKeyTypes ?? ['ed25519'])].map((type) => `HostKey ${folder}/host_${type}`),
    `AuthorizedKeysFile ${identity}.pub`,
    'PidFile none',
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    'PrintMotd no',
    `Subsystem sftp ${options.sftp ?? 'internal-sftp'}`,
  ];
  const matches = options.matches ?? [];
  // OpenSSH 9.8 locks an address out that failed to log in; older ones do not know the word.
  await writeFile(config, `${[...base, 'PerSourcePenalties no', ...matches].join('\n')}\n`);
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true });
  if (spawnSync(SSHD, ['-t', '-f', config]).status !== 0) {
    await writeFile(config, `${[...base, ...matches].join('\n')}\n`);
  }
  let log = '';
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
    // A session that is still there has the other end of it, and ends with its connection.
    child.stderr.destroy();
  });
  await waitForPort(
    port,
    () => child.exitCode !== null,
    () => log,
  );
  return { port, user: userInfo().username, identity, hostKeys, knownHosts, target, folder, log: () => log };
}

/** Makes a key pair with ssh-keygen: `path` and `path.pub`. */
export async function makeKey(path: string, type = 'ed25519', passphrase = ''): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', path]);
}

/** A port of loopback that nothing listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitForPort(port: number, hasEnded: () => boolean, log: () => string): Promise<void> {
  await waitFor(`sshd to listen on ${port}`, () => {
    if (hasEnded()) throw new Error(`sshd does not listen on ${port}: ${log()}`);
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  });
}
