import { readFile } from 'node:fs/promises';
import { InputError } from '../core/errors.ts';

/**
 * The public key lines of the files given as --ssh-key; comments and empty lines fall away. The lines
 * themselves are checked with the rest of the recipe.
 * @throws InputError naming every file that can't be read or holds no key
 */
export async function readSshKeys(paths: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  const keys: string[] = [];
  for (const path of paths) {
    try {
      const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
      const found = lines.filter((line) => line !== '' && !line.startsWith('#'));
      if (found.length === 0) faults.push(`--ssh-key ${path} holds no key`);
      keys.push(...found);
    } catch (error) {
      faults.push(`--ssh-key ${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? error}`);
    }
  }
  if (faults.length > 0) {
    throw new InputError(faults.join('\n'), {
      hint: 'give a public key file, such as ~/.ssh/id_ed25519.pub',
    });
  }
  return keys;
}
