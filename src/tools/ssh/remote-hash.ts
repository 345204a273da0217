import { asQuoted, quoteInteger } from '../../formats/config/quoted.ts';
import { quoteShell } from '../../formats/config/shell-words.ts';
import { atPace, hashByReading, type Pace } from './sftp-transfer.ts';
import type { SshConnection } from './ssh-connection.ts';

/**
 * SHA-256 of a file on the server, or of its first `lengthBytes`, in lower-case hex.
 * @param onBytes called with the number of bytes that were read back, if any were
 */
export type RemoteHash = (
  path: string,
  lengthBytes: number,
  sizeBytes: number,
  onBytes?: (count: number) => void,
) => Promise<string>;

/** How files on the server are hashed. */
export interface RemoteHasher {
  /** `sha256sum` if it runs there; else every byte is read back. */
  readonly kind: 'sha256sum' | 'read back';
  readonly hash: RemoteHash;
}

/** Up to this size, reading back is quicker than starting a program. */
const SMALL_BYTES = 65_536;

/** FIPS 180-4's example "abc". */
const ABC_SHA256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

/**
 * Finds out whether the login may run sha256sum, by a hash of three bytes: an account for SFTP only
 * (ForceCommand internal-sftp) accepts the command and starts something else.
 * @param pace how many reads are under way at once
 */
export async function findRemoteHasher(ssh: SshConnection, pace: Pace): Promise<RemoteHasher> {
  const readBack: RemoteHash = (path, lengthBytes, _sizeBytes, onBytes = () => undefined) =>
    atPace(pace, (parallel) => hashByReading(ssh, path, lengthBytes, parallel, onBytes));
  const probe = await ssh.run(asQuoted('sha256sum'), { input: 'abc', timeoutMs: 20_000 });
  if (readHash(probe?.stdout) !== ABC_SHA256) return { kind: 'read back', hash: readBack };
  return {
    kind: 'sha256sum',
    hash: async (path, lengthBytes, sizeBytes, onBytes) => {
      if (lengthBytes <= SMALL_BYTES) return readBack(path, lengthBytes, sizeBytes, onBytes);
      // By redirection, so no file name is taken for an option or printed.
      const command =
        lengthBytes === sizeBytes
          ? asQuoted(`sha256sum < ${quoteShell(path)}`)
          : asQuoted(`head -c ${quoteInteger(lengthBytes)} < ${quoteShell(path)} | sha256sum`);
      const result = await ssh.run(command, { timeoutMs: patienceMs(lengthBytes) });
      const sha256 = result?.exitCode === 0 ? readHash(result.stdout) : undefined;
      // If programs see other files than SFTP does, the path does not exist for them.
      return sha256 ?? readBack(path, lengthBytes, sizeBytes, onBytes);
    },
  };
}

function readHash(stdout: string | undefined): string | undefined {
  return /^([0-9a-f]{64}) [ *]-\n$/.exec(stdout ?? '')?.[1];
}

/** A minute, plus the time that a slow disk (5 MB/s) needs. */
function patienceMs(bytes: number): number {
  return 60_000 + bytes / 5000;
}
