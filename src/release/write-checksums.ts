import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import { SIGNATURE_SUFFIXES, type Signer } from './prepare-signer.ts';

/** Who signs SHA256SUMS: a key, nobody, or a key once the last of several images is there. */
export type Signing = Signer | 'nobody' | 'later';

const NAME = 'SHA256SUMS';

/** A folder's SHA256SUMS; empty where there is none yet. */
export async function readChecksums(folder: string): Promise<string> {
  return readFile(join(folder, NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/**
 * Writes a folder's SHA256SUMS and its signature. A signature that lies there is always one of the sums that lie there:
 * one of earlier sums is removed before these change. Sums that stay as they were keep theirs.
 * @param warn is told when a signature went and none took its place
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
    warn(`${stale.join(' and ')} was removed: it is of earlier sums; --sign KEY signs the new ones`);
  }
}
