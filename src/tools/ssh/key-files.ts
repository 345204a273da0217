import { constants, open, readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

/** The private keys among some files, and what is wrong with the others, a clause each. */
export interface FoundKeys {
  readonly keys: readonly { readonly path: string; readonly key: ParsedKey }[];
  /** Public keys of files that are encrypted: the agent may have them. */
  readonly locked: readonly ParsedKey[];
  readonly notes: readonly string[];
}

/** No key of ssh-keygen is larger. */
const MAX_BYTES = 100_000;

/**
 * Reads private keys that nobody named for this run: those of ~/.ssh/config, or the usual ones in ~/.ssh. As in ssh, a file
 * that is not there is no issue, and one that other users can read is left out.
 */
export async function findKeys(paths: readonly string[], passphrase: string | undefined): Promise<FoundKeys> {
  const keys: { path: string; key: ParsedKey }[] = [];
  const locked: ParsedKey[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const text = await readKeyFile(path);
    if (text === undefined) continue;
    const parsed = typeof text === 'string' ? new Error(text) : parseKey(text, passphrase);
    if (!(parsed instanceof Error)) {
      if (parsed.isPrivateKey()) keys.push({ path, key: parsed });
      else notes.push(`${path} is a public key`);
    } else if (!/passphrase|integrity check/i.test(parsed.message)) {
      notes.push(`${path} ${parsed.message}`);
    } else {
      notes.push(`${path} is encrypted`);
      const pub = await readFile(`${path}.pub`).catch(() => undefined);
      const key = pub === undefined ? undefined : parseKey(pub);
      if (key !== undefined && !(key instanceof Error)) locked.push(key);
    }
  }
  return { keys, locked, notes };
}

/** A private or public key, or why a file has none. The parser's type allows several keys, but a file has one. */
export function parseKey(text: Buffer, passphrase?: string): ParsedKey | Error {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase);
  return Array.isArray(parsed) ? (parsed[0] as ParsedKey) : parsed;
}

/** The contents; a fault where the file must not be used; undefined where there is none. */
async function readKeyFile(path: string): Promise<Buffer | string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (file === 'ENOENT' || file === 'ENOTDIR') return undefined;
  if (file === undefined || typeof file === 'string') return 'cannot be read';
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MAX_BYTES) return 'is no key';
    // As in OpenSSH's sshkey_perm_ok: of another owner it is that owner's business.
    if (stats.uid === process.geteuid?.() && (stats.mode & 0o077) !== 0) {
      return `can be read by other users, and is left out: chmod 600 ${path}`;
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
