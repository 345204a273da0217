import { AppError, NetworkError } from '../../core/errors.ts';
import { printable } from '../../formats/printable.ts';
import { ConnectionLostError, type SshConnection } from './ssh-connection.ts';

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02 §7), the only version that OpenSSH supports. */
const SSH_FX_NO_SUCH_FILE = 2;
const SSH_FX_PERMISSION_DENIED = 3;
const SSH_FX_FAILURE = 4;
const SSH_FX_OP_UNSUPPORTED = 8;

/** Names and sizes of the plain files in a folder; undefined if there is no such folder. */
export async function listFiles(
  ssh: SshConnection,
  folder: string,
): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const entries = await ssh.guard(ssh.client.list(folder));
    return new Map(entries.filter(({ type }) => type === '-').map(({ name, size }) => [name, size]));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw remoteError(error, `list ${folder}`);
  }
}

/** The folder at which a login's relative paths start. */
export async function findHome(ssh: SshConnection): Promise<string> {
  const home = await ssh.guard(ssh.client.realPath('.')).catch((error) => {
    throw remoteError(error, 'find the home folder');
  });
  return home === '/' ? '' : home;
}

/** Makes a folder and its parents. */
export async function makeFolder(ssh: SshConnection, folder: string): Promise<void> {
  await ssh.guard(ssh.client.mkdir(folder, true)).catch((error) => {
    throw remoteError(error, `make the folder ${folder}`);
  });
}

/** The bytes of a small file; undefined if it does not exist. */
export async function readSmallFile(
  ssh: SshConnection,
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  try {
    const found = await ssh.request<{ size: number }>((done) => ssh.sftp.stat(path, done as never));
    if (found.size > maxBytes) {
      throw new NetworkError(
        `${path} on the server has ${found.size} bytes: too many for a file of its kind`,
      );
    }
    return await ssh.request<Buffer>((done) => ssh.sftp.readFile(path, done as never));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw remoteError(error, `read ${path}`);
  }
}

/** Size of a file in bytes; undefined if it does not exist. */
export async function statFile(ssh: SshConnection, path: string): Promise<number | undefined> {
  try {
    return (await ssh.request<{ size: number }>((done) => ssh.sftp.stat(path, done as never))).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw remoteError(error, `look at ${path}`);
  }
}

/**
 * Renames a file and replaces any file of the new name: in one operation if the server can (posix-rename@openssh.com,
 * OpenSSH's PROTOCOL §4.3), else by removing the other file first, because a rename of version 3 never replaces.
 */
export async function replaceFile(ssh: SshConnection, from: string, to: string): Promise<void> {
  try {
    await ssh.request<void>((done) => ssh.sftp.ext_openssh_rename(from, to, done as never));
  } catch (error) {
    if (error instanceof ConnectionLostError) throw error;
    if (!isUnsupported(error)) throw remoteError(error, `rename ${from}`);
    await removeFile(ssh, to);
    await ssh
      .request<void>((done) => ssh.sftp.rename(from, to, done as never))
      .catch((failure) => {
        throw remoteError(failure, `rename ${from}`);
      });
  }
}

/** Removes a file, if it exists. */
export async function removeFile(ssh: SshConnection, path: string): Promise<void> {
  try {
    await ssh.request<void>((done) => ssh.sftp.unlink(path, done as never));
  } catch (error) {
    if (!isMissing(error)) throw remoteError(error, `remove ${path}`);
  }
}

/** Facts about a file system of the server. */
export interface RemoteDisk {
  /** The bytes that this login can still write. */
  readonly freeBytes: number;
  readonly isReadOnly: boolean;
}

/** The file system of a folder; undefined if the server does not tell (statvfs@openssh.com). */
export async function statDisk(ssh: SshConnection, folder: string): Promise<RemoteDisk | undefined> {
  try {
    const found = await ssh.request<Record<'f_bavail' | 'f_frsize' | 'f_flag', number>>((done) =>
      ssh.sftp.ext_openssh_statvfs(folder, done as never),
    );
    // SSH_FXE_STATVFS_ST_RDONLY is bit 0 (OpenSSH's PROTOCOL §4.4).
    return { freeBytes: found.f_bavail * found.f_frsize, isReadOnly: found.f_flag % 2 === 1 };
  } catch (error) {
    if (error instanceof ConnectionLostError) throw error;
    return undefined;
  }
}

/** Runs `use` with an open file of the server, which is closed afterwards. */
export async function withRemoteFile<T>(
  ssh: SshConnection,
  path: string,
  flags: 'r' | 'r+' | 'w',
  use: (handle: Buffer) => Promise<T>,
): Promise<T> {
  const handle = await ssh
    .request<Buffer>((done) => ssh.sftp.open(path, flags, { mode: FILE_MODE }, done as never))
    .catch((error) => {
      throw remoteError(error, flags === 'r' ? `read ${path}` : `write ${path}`);
    });
  let result: T;
  try {
    result = await use(handle);
  } catch (error) {
    await ssh.request<void>((done) => ssh.sftp.close(handle, done as never)).catch(() => undefined);
    throw error;
  }
  // Some disks report only now that they are full.
  await ssh
    .request<void>((done) => ssh.sftp.close(handle, done as never))
    .catch((error) => {
      throw remoteError(error, `close ${path}`);
    });
  return result;
}

/** Published files are readable for everyone; the server's umask may restrict that. */
const FILE_MODE = 0o644;

/** Whether an operation failed because no file has that name. */
export function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === SSH_FX_NO_SUCH_FILE || code === 'ENOENT';
}

/** Whether the server gave no reason for a failure: a full disk, a quota, or an unsupported operation. */
export function isPlainFailure(error: unknown): boolean {
  return (
    error instanceof NetworkError && (error.cause as { code?: unknown } | undefined)?.code === SSH_FX_FAILURE
  );
}

/** Turns a refusal of the server into an error with a hint; returns other errors unchanged. */
export function remoteError(error: unknown, what: string): Error {
  const { code, message } = error as { code?: unknown; message: string };
  if (error instanceof AppError || error instanceof ConnectionLostError || code === undefined)
    return error as Error;
  if (code === SSH_FX_PERMISSION_DENIED || code === 'EACCES') {
    return new NetworkError(`the server does not let this login ${what}: permission denied`, {
      hint: 'give the login the right to write into that folder there, or publish into another',
      cause: error,
    });
  }
  if (isMissing(error)) {
    return new NetworkError(`the server can't ${what}: there is no such file or folder`, { cause: error });
  }
  // For a full or read-only disk OpenSSH says only "Failure" (errno_to_portable, sftp-server.c).
  const hint = code === SSH_FX_FAILURE ? 'its disk may be full or read-only, or a quota used up' : undefined;
  return new NetworkError(`the server can't ${what}: ${printable(message)}`, {
    hint,
    cause: error,
  });
}

function isUnsupported(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message: string };
  return code === SSH_FX_OP_UNSUPPORTED || /does not support this extended request/.test(message);
}
