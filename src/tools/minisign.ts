import { readFile, rm } from 'node:fs/promises';
import { explainFileError, InputError, ToolFailedError } from '../core/errors.ts';
import type { Exec } from '../core/exec.ts';

/** The file of a minisign secret key. */
export interface MinisignKey {
  readonly path: string;
  /** Sixteen hex digits, as minisign shows it. */
  readonly id: string | undefined;
  readonly isEncrypted: boolean;
}

/**
 * Reads the text of a secret key file (minisign(1), "Secret key format"): a comment line, then in base64 the
 * algorithms of signature, key derivation and checksum, and the key.
 * @returns undefined if it is not a minisign secret key
 */
export function parseMinisignKey(path: string, text: string): MinisignKey | undefined {
  const [comment = '', encoded = ''] = text.split(/\r?\n/);
  const bytes = Buffer.from(encoded, 'base64');
  // 2 + 2 + 2 bytes for the algorithms, 32 for the salt, 8 + 8 for the cost, then id (8), key (64) and checksum (32).
  const isKey = comment.startsWith('untrusted comment:') && bytes.length === 158;
  if (!isKey || bytes.toString('latin1', 0, 2) !== 'Ed') return undefined;
  const isEncrypted = bytes[2] !== 0 || bytes[3] !== 0;
  const id = isEncrypted ? undefined : bytes.subarray(54, 62).reverse().toString('hex').toUpperCase();
  return { path, id, isEncrypted };
}

/** Undefined if there is no file. @throws InputError when the file is not a minisign secret key */
export async function readMinisignKey(path: string): Promise<MinisignKey | undefined> {
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new InputError(`--sign: cannot read ${path}: ${explainFileError(error)}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const key = parseMinisignKey(path, text);
  if (key !== undefined) return key;
  throw new InputError(`--sign ${path} is not a minisign secret key`, {
    hint: 'minisign -G makes one; for gpg give the fingerprint of a key, not a file',
  });
}

/**
 * A detached signature over a file, as the text of a .minisig file. It depends only on file, key and comment.
 * @param passphrase of an encrypted key
 * @param trustedComment is signed too
 * @throws InputError when the key cannot be used
 */
export async function signWithMinisign(
  exec: Exec,
  key: MinisignKey,
  path: string,
  passphrase: string | undefined,
  trustedComment: string,
): Promise<string> {
  const output = `${path}.minisig`;
  try {
    await exec(['minisign', '-S', '-s', key.path, '-m', path, '-x', output, '-t', trustedComment], {
      // minisign reads the passphrase from standard input if that is not a terminal.
      ...(key.isEncrypted && passphrase !== undefined ? { input: `${passphrase}\n` } : {}),
    });
    return await readFile(output, 'utf8');
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new InputError(`--sign: minisign can't sign with ${key.path}`, {
      ...(key.isEncrypted ? { hint: 'is $WWANPI_SIGN_PASSPHRASE its passphrase?' } : {}),
      detail: error.detail,
      cause: error,
    });
  } finally {
    await rm(output, { force: true });
  }
}
