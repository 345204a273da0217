import { readFile } from 'node:fs/promises';
import { type AppError, VerificationError } from '../../core/errors.ts';
import {
  evaluateHostKey,
  formatKnownHost,
  type KnownHost,
  keyFingerprint,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
  readKeyType,
} from '../../formats/known-hosts.ts';

/** The host keys to accept: the one with a fingerprint, or those in known_hosts files. */
export type HostTrust =
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | { readonly kind: 'known-hosts'; readonly files: readonly KnownHostsFile[] };

/** One known_hosts file. */
export interface KnownHostsFile {
  readonly path: string;
  readonly hosts: readonly KnownHost[];
}

/** Reads the files that exist. */
export async function readKnownHosts(paths: readonly string[]): Promise<HostTrust> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOTDIR') return '';
        throw error;
      });
      return { path, hosts: parseKnownHosts(text) };
    }),
  );
  return { kind: 'known-hosts', files };
}

/** Why the server's key is not accepted; undefined if it is. Only a hello was sent to the server before. */
export function checkServer(trust: HostTrust, host: string, port: number, key: Buffer): AppError | undefined {
  const name = knownHostName(host, port);
  const shown = `${readKeyType(key)} ${keyFingerprint(key)}`;
  if (trust.kind === 'fingerprint') {
    if (keyFingerprint(key) === trust.fingerprint) return undefined;
    return new VerificationError(`${name} has another host key than --host-key says: ${shown}`, {
      hint: OTHER_SERVER_HINT,
    });
  }
  const verdict = evaluateHostKey(
    trust.files.flatMap(({ hosts }) => hosts),
    name,
    key,
  );
  const where = (known: KnownHost) => {
    const file = trust.files.find(({ hosts }) => hosts.includes(known));
    return `${file?.path}:${known.line}`;
  };
  switch (verdict.kind) {
    case 'known':
      return undefined;
    case 'revoked':
      return new VerificationError(`the host key of ${name} is REVOKED (${where(verdict.known)}): ${shown}`, {
        hint: "whoever marked it so had a reason, such as a stolen key: ask for the server's new one",
      });
    case 'changed':
      return new VerificationError(
        `THE HOST KEY OF ${name} HAS CHANGED: it is ${shown}, and ${where(verdict.known)} has ${keyFingerprint(verdict.known.key)}`,
        {
          detail:
            'Either the server was set up anew, or someone in between answers in its place. Nothing was sent, and no password either.',
          hint: `${OTHER_SERVER_HINT}; if the new key is right, take the old one out: ssh-keygen -R '${name}' -f '${trust.files.find(({ hosts }) => hosts.includes(verdict.known))?.path}'`,
        },
      );
    case 'unknown':
      return new VerificationError(
        verdict.knownTypes.length === 0
          ? `${name} is not a known host; its key is ${shown}`
          : `${name} shows a key that is not known, ${shown}; known of it are ${verdict.knownTypes.join(', ')}, which it does not have`,
        {
          detail: `To trust it from now on, put this line into ${trust.files[0]?.path}:\n${formatKnownHost(name, key)}`,
          hint: `compare it with the server's (there: ${LIST_KEYS}); if it is the same, add --host-key ${keyFingerprint(key)}`,
        },
      );
  }
}

/** The types of host key to request first: those that are known for the server. */
export function preferredKeyTypes(trust: HostTrust, host: string, port: number): readonly string[] {
  if (trust.kind === 'fingerprint') return [];
  return knownKeyTypes(
    trust.files.flatMap(({ hosts }) => hosts),
    knownHostName(host, port),
  );
}

const LIST_KEYS = 'for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done';
const OTHER_SERVER_HINT = `ask who runs the server (there: ${LIST_KEYS})`;
