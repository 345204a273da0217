import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import { checkHostTools } from '../host/check-host-tools.ts';
import { findGpgKey, signWithGpg } from '../tools/gpg.ts';
import { readMinisignKey, signWithMinisign } from '../tools/minisign.ts';

/** Signs SHA256SUMS with a key that is known to work. */
export interface Signer {
  /** The signature's name is SHA256SUMS and this suffix. */
  readonly suffix: SignatureSuffix;
  /** The key, for messages. */
  readonly key: string;
  /** The text of the detached signature over `text`. */
  sign(text: string): Promise<string>;
}

/** `gpg --verify SHA256SUMS.asc`, `minisign -V -m SHA256SUMS` (which finds .minisig). */
export type SignatureSuffix = (typeof SIGNATURE_SUFFIXES)[number];

/** The suffixes of signatures. */
export const SIGNATURE_SUFFIXES = ['.asc', '.minisig'] as const;

/**
 * Detects whether `--sign KEY` is a minisign secret key file or a gpg key, and signs once with it, so that a wrong
 * passphrase shows before hours of work and not after.
 * @param given the passphrase, from the environment; never on a command line, in a log or in a message
 * @throws InputError when the key cannot be used, ToolMissingError when its program is missing
 */
export async function prepareSigner(
  context: Context,
  key: string,
  given: string | undefined,
): Promise<Signer> {
  // CI sets the variable to an empty string if the secret is not set.
  const passphrase = given === '' ? undefined : given;
  if (key === '' || key.startsWith('-'))
    throw new InputError('--sign needs a key: a gpg key, or a minisign key file');
  const minisignKey = await readMinisignKey(key);
  const signer =
    minisignKey === undefined
      ? await prepareGpg(context, key, passphrase)
      : await prepareMinisign(context, minisignKey, passphrase);
  const done = context.report.step('Signing key');
  await signer.sign('tried before anything is built\n');
  done(signer.key);
  return signer;
}

async function prepareGpg(context: Context, name: string, passphrase: string | undefined): Promise<Signer> {
  await checkHostTools(context, ['sign-gpg']);
  const key = await findGpgKey(context.exec, name);
  return {
    suffix: '.asc',
    key: `gpg ${key.fingerprint} (${key.userId})`,
    sign: (text) => withFile(context, text, (path) => signWithGpg(context.exec, key, path, passphrase)),
  };
}

async function prepareMinisign(
  context: Context,
  key: NonNullable<Awaited<ReturnType<typeof readMinisignKey>>>,
  passphrase: string | undefined,
): Promise<Signer> {
  if (key.isEncrypted && passphrase === undefined) {
    throw new InputError(`--sign: the key ${key.path} is encrypted`, {
      hint: 'put its passphrase into $WWANPI_SIGN_PASSPHRASE',
    });
  }
  await checkHostTools(context, ['sign-minisign']);
  const { exec } = context;
  return {
    suffix: '.minisig',
    key: `minisign ${key.path}`,
    // The comment has no time, so that the same sums and key give the same signature.
    sign: (text) =>
      withFile(context, text, (path) => signWithMinisign(exec, key, path, passphrase, 'file:SHA256SUMS')),
  };
}

async function withFile<T>(context: Context, text: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(context.tmpDir, 'sign-'));
  try {
    const path = join(folder, 'SHA256SUMS');
    await writeFile(path, text);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
