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

/** A connection and what was found out about the server. */
export interface Server {
  readonly ssh: SshConnection;
  readonly hasher: RemoteHasher;
  readonly pace: Pace;
  /** The folder to publish into, an absolute path over there. */
  readonly folder: string;
}

/** Told how an upload gets on. */
export interface UploadMeter {
  /** Bytes the server has taken. */
  readonly sent: (count: number) => void;
  /** Bytes read back to check them. */
  readonly checked: (count: number) => void;
}

/**
 * Brings a file to the server as NAME.part, from where an earlier run was cut if what is there is its beginning, and
 * checks size and SHA-256 over there.
 * @param partBytes size of the part that is there
 * @throws VerificationError when what arrived is not what was sent, NetworkError when the server refuses
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
        // A second try does not know what the first one left.
        from = 0;
      }
    });
  }
  await checkPart(server, part, entry, meter);
}

/** How much of the part is the beginning of the local file: all of it, all but what was under way, or nothing. */
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
      { hint: 'run it again; if it stays so, look at the disk over there' },
    );
  }
  const there = await hasher.hash(part, sizeBytes, sizeBytes, meter.checked);
  if (there === sha256) return;
  throw new VerificationError(
    `${name} arrived with SHA-256 ${there} (${hasher.kind}), and has ${sha256} here; it did not get its name`,
    { hint: 'run it again: it is sent anew; if it stays so, look at the disk over there' },
  );
}

/** OpenSSH says "Failure" of a full disk; its size tells. */
async function explainFullDisk(
  { ssh, folder }: Server,
  entry: ReleaseEntry,
  error: unknown,
): Promise<unknown> {
  if (!isPlainFailure(error)) return error;
  const disk = await statDisk(ssh, folder);
  if (disk === undefined || disk.freeBytes >= Math.min(entry.sizeBytes, UNDER_WAY_BYTES)) return error;
  return new NetworkError(
    `the disk over there is full: ${formatBytes(disk.freeBytes)} left in ${folder} while ${entry.name} was sent`,
    {
      hint: 'make room there (--prune removes old releases when a new one is whole), then run it again: it goes on where it was',
    },
  );
}
