import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { VerificationError } from '../../core/errors.ts';
import { isPlainFailure, remoteError, withRemoteFile } from './sftp.ts';
import { ConnectionLostError, type SshConnection } from './ssh-connection.ts';

/** One request's data: every SFTP server must accept this much (draft-ietf-secsh-filexfer-02 §3). */
const REQUEST_BYTES = 32_768;
/** Requests under way at once: 2 MiB, the window of an OpenSSH channel. */
const PARALLEL_REQUESTS = 64;
/** The most that can be missing before the end of a file whose upload was interrupted. */
export const UNDER_WAY_BYTES = PARALLEL_REQUESTS * REQUEST_BYTES;

/** How many requests a server gets at once; begins high, and is 1 after a failure. */
export interface Pace {
  parallel: number;
}

/** The pace to begin with. */
export function createPace(): Pace {
  return { parallel: PARALLEL_REQUESTS };
}

/** Does `transfer` at the given pace; if the server fails, once more with one request after the other. */
export async function atPace<T>(pace: Pace, transfer: (parallel: number) => Promise<T>): Promise<T> {
  // Another transfer may have set the pace to 1 meanwhile.
  const { parallel } = pace;
  try {
    return await transfer(parallel);
  } catch (error) {
    if (parallel === 1 || !isPlainFailure(error)) throw error;
    const result = await transfer(1);
    pace.parallel = 1;
    return result;
  }
}

/** The part of a file to send, and how to send it. */
export interface SendOptions {
  /** The bytes that the server has already; the file is continued from here, or written anew from 0. */
  readonly fromByte: number;
  readonly sizeBytes: number;
  /** Requests under way at once; 1 for a server that mixes them up. */
  readonly parallel: number;
  /** Called with the number of bytes that the server has confirmed. */
  readonly onBytes: (count: number) => void;
}

/**
 * Sends a file's bytes in order, with many requests under way at once. After an interruption the server has the start
 * of the file; at most the requests under way are missing before its end. The file is synced before this returns, if
 * the server can (fsync@openssh.com).
 * @throws VerificationError when the local file has become shorter, NetworkError when the server refuses
 */
export async function sendFile(
  ssh: SshConnection,
  localPath: string,
  remotePath: string,
  options: SendOptions,
): Promise<void> {
  const local = await open(localPath, 'r');
  try {
    await withRemoteFile(ssh, remotePath, options.fromByte === 0 ? 'w' : 'r+', async (handle) => {
      if (options.fromByte > 0) await cutTo(ssh, handle, options.fromByte);
      await sendRange(ssh, local, handle, { ...options, localPath, remotePath });
      await sync(ssh, handle);
    });
  } finally {
    await local.close();
  }
}

async function sendRange(
  ssh: SshConnection,
  local: FileHandle,
  handle: Buffer,
  options: SendOptions & { localPath: string; remotePath: string },
): Promise<void> {
  const { fromByte, sizeBytes, parallel, onBytes, localPath, remotePath } = options;
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  for (let at = fromByte; at < sizeBytes && failure === undefined; at += REQUEST_BYTES) {
    const length = Math.min(REQUEST_BYTES, sizeBytes - at);
    // A new buffer each time: the library may still use the last one.
    const { buffer, bytesRead } = await local.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead < length) {
      failure = new VerificationError(`${localPath} became shorter while it was sent`);
      break;
    }
    const write = ssh
      .request<void>((done) => ssh.sftp.write(handle, buffer, 0, length, at, done as never))
      .then(
        () => onBytes(length),
        (error) => {
          failure ??= error;
        },
      )
      .finally(() => underWay.delete(write));
    underWay.add(write);
    if (underWay.size >= parallel) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw remoteError(failure, `write ${remotePath}`);
}

/** SHA-256 of the first `lengthBytes` bytes of a file on the server, read back, in lower-case hex. */
export async function hashByReading(
  ssh: SshConnection,
  remotePath: string,
  lengthBytes: number,
  parallel: number,
  onBytes: (count: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  await withRemoteFile(ssh, remotePath, 'r', async (handle) => {
    const underWay: Promise<Buffer>[] = [];
    const take = async (): Promise<void> => {
      const bytes = (await underWay.shift()) ?? Buffer.alloc(0);
      hash.update(bytes);
      onBytes(bytes.length);
    };
    for (let at = 0; at < lengthBytes; at += REQUEST_BYTES) {
      const read = readWhole(ssh, handle, at, Math.min(REQUEST_BYTES, lengthBytes - at));
      // Nobody awaits the reads that fail after the first failure.
      read.catch(() => undefined);
      underWay.push(read);
      if (underWay.length >= parallel) await take();
    }
    while (underWay.length > 0) await take();
  }).catch((error) => {
    throw remoteError(error, `read ${remotePath}`);
  });
  return hash.digest('hex');
}

/** A server may answer a read with fewer bytes than requested. */
async function readWhole(ssh: SshConnection, handle: Buffer, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let have = 0;
  while (have < length) {
    const count = await ssh.request<number>((done) =>
      ssh.sftp.read(handle, buffer, have, length - have, at + have, done as never),
    );
    if (count === 0) break;
    have += count;
  }
  return buffer.subarray(0, have);
}

/** Otherwise bytes after the verified ones would remain if the new file is shorter. */
async function cutTo(ssh: SshConnection, handle: Buffer, sizeBytes: number): Promise<void> {
  await ssh
    .request<void>((done) => ssh.sftp.fsetstat(handle, { size: sizeBytes } as never, done as never))
    .catch((error) => {
      throw remoteError(error, 'cut an upload of an earlier run');
    });
}

async function sync(ssh: SshConnection, handle: Buffer): Promise<void> {
  try {
    await ssh.request<void>((done) => ssh.sftp.ext_openssh_fsync(handle, done as never));
  } catch (error) {
    // Not every server can. If its disk loses the data, the later read-back finds out.
    if (error instanceof ConnectionLostError) throw error;
  }
}
