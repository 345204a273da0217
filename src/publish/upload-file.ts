import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { NetworkError, VerificationError } from '../core/errors.ts';
import { formatBytes } from '../formats/units.ts';
import { hashPrefix } from '../tools/files/hash.ts';
import type { RemoteHasher } from '../tools/ssh/remote-hash.ts';
import { isPlainFailure, statDisk, statFile } from '../tools/ssh/sftp.ts';
import { atPace, type Pace, sendFile, UNDER_WAY_BYTES } from '../tools/ssh/sftp-transfer.ts';
import type { SshConnection } from '../tools/ssh/ssh-connection.ts';
import { partName, type ReleaseEntry, remotePath } from './release.ts';

/** A connection, and the facts about the server. */
export interface Server {
  readonly ssh: SshConnection;
  readonly hasher: RemoteHasher;
  readonly pace: Pace;
  /** The folder to publish into, an absolute path on the server. */
  readonly folder: string;
}

/** Receives the progress of an upload. */
export interface UploadMeter {
  /** Bytes that the server has accepted. */
  readonly sent: (count: number) => void;
  /** Bytes read back for the check. */
  readonly checked: (count: number) => void;
}

/**
 * Uploads a file as NAME.part and checks size and SHA-256 on the server. Resumes the upload of an earlier run if the
 * part is the beginning of the file.
 * @param partBytes size of the part on the server
 * @throws VerificationError when the uploaded file differs, NetworkError when the server refuses
 */
export async function uploadFile(
  context: Context,
  server: Server,
  localFolder: string,
  entry: ReleaseEntry,
  partBytes: number,
  meter: UploadMeter,
): Promise<void> {
  const local = join(localFolder, entry.name);
  const part = remotePath(server.folder, partName(entry.name));
  let from = await findGoodBytes(context, server, local, entry, partBytes, meter);
  const send = (parallel: number) =>
    sendFile(server.ssh, local, part, {
      fromByte: from,
      sizeBytes: entry.sizeBytes,
      parallel,
      onBytes: meter.sent,
    });
  if (from < entry.sizeBytes || entry.sizeBytes === 0) {
    await atPace(server.pace, async (parallel) => {
      try {
        await send(parallel);
      } catch (error) {
        throw await explainFullDisk(server, entry, error);
      } finally {
        // A second try does not know the state that the first one left.
        from = 0;
      }
    });
  }
  await checkPart(server, part, entry, meter);
}

/** How much of the part is the beginning of the local file: all of it, all but the last requests, or nothing. */
async function findGoodBytes(
  context: Context,
  { hasher, folder }: Server,
  local: string,
  entry: ReleaseEntry,
  partBytes: number,
  meter: UploadMeter,
): Promise<number> {
  const part = remotePath(folder, partName(entry.name));
  for (const lengthBytes of [partBytes, partBytes - UNDER_WAY_BYTES]) {
    if (lengthBytes <= 0) return 0;
    const there = await hasher.hash(part, lengthBytes, partBytes, meter.checked);
    if (there === (await hashPrefix(local, lengthBytes, context.signal))) return lengthBytes;
  }
  return 0;
}

async function checkPart(
  { ssh, hasher }: Server,
  part: string,
  { name, sizeBytes, sha256 }: ReleaseEntry,
  meter: UploadMeter,
): Promise<void> {
  const thereBytes = await statFile(ssh, part);
  if (thereBytes !== sizeBytes) {
    throw new VerificationError(
      `${name} arrived with ${thereBytes ?? 0} bytes, and has ${sizeBytes} here; it did not get its name`,
      { hint: "run it again; if that does not help, check the server's disk" },
    );
  }
  const there = await hasher.hash(part, sizeBytes, sizeBytes, meter.checked);
  if (there === sha256) return;
  throw new VerificationError(
    `${name} arrived with SHA-256 ${there} (${hasher.kind}), and has ${sha256} here; it did not get its name`,
    { hint: "run it again to send it anew; if that does not help, check the server's disk" },
  );
}

/** OpenSSH reports a full disk as "Failure"; the free space shows the cause. */
async function explainFullDisk(
  { ssh, folder }: Server,
  entry: ReleaseEntry,
  error: unknown,
): Promise<unknown> {
  if (!isPlainFailure(error)) return error;
  const disk = await statDisk(ssh, folder);
  if (disk === undefined || disk.freeBytes >= Math.min(entry.sizeBytes, UNDER_WAY_BYTES)) return error;
  return new NetworkError(
    `the server's disk is full: ${formatBytes(disk.freeBytes)} left in ${folder} while ${entry.name} was sent`,
    {
      hint: 'free space there (--prune removes old releases when a new one is complete), then run it again to resume',
    },
  );
}
