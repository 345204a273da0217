import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import { SIGNATURE_SUFFIXES, type Signer } from './prepare-signer.ts';

/** Who signs SHA256SUMS: a key, nobody, or a key after the last of several images. */
export type Signing = Signer | 'nobody' | 'later';

const NAME = 'SHA256SUMS';

/** Reads a folder's SHA256SUMS; empty if there is none yet. */
export async function readChecksums(folder: string): Promise<string> {
  return readFile(join(folder, NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/**
 * Writes a folder's SHA256SUMS and its signature. A signature in the folder always matches its SHA256SUMS: an old one
 * is removed before the sums change. Unchanged sums keep their signature.
 * @param warn called when a signature was removed and not replaced
 */
export async function writeChecksums(
  folder: string,
  text: string,
  signing: Signing,
  warn: (text: string) => void,
): Promise<void> {
  const isSame = text === (await readChecksums(folder));
  if (isSame && typeof signing === 'string') return;
  const signature = typeof signing === 'string' ? undefined : await signing.sign(text);
  const stale = (await readdir(folder)).filter((name) =>
    SIGNATURE_SUFFIXES.some((suffix) => name === `${NAME}${suffix}`),
  );
  for (const name of stale) await rm(join(folder, name), { force: true });
  await writeFileAtomic(join(folder, NAME), text);
  if (typeof signing !== 'string' && signature !== undefined) {
    await writeFileAtomic(join(folder, `${NAME}${signing.suffix}`), signature);
  } else if (stale.length > 0 && signing === 'nobody') {
    warn(
      `${stale.join(' and ')} was removed: it signed the old SHA256SUMS; use --sign KEY to sign the new one`,
    );
  }
}
