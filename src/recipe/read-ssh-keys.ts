import { readFile } from 'node:fs/promises';
import { explainFileError } from '../core/errors.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';

/**
 * Reads the public key lines of the --ssh-key files, without comments and empty lines. The lines
 * themselves are checked with the rest of the recipe.
 * @throws OptionsError naming every file that cannot be read or contains no key
 */
export async function readSshKeys(paths: readonly string[]): Promise<string[]> {
  const issues: Issue[] = [];
  const keys: string[] = [];
  for (const path of paths) {
    try {
      const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
      const found = lines.filter((line) => line !== '' && !line.startsWith('#'));
      if (found.length === 0)
        issues.push({ option: 'ssh-key', value: path, message: 'holds no key', hint: HINT });
      keys.push(...found);
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      issues.push({
        option: 'ssh-key',
        value: path,
        message: `cannot be read: ${explainFileError(failure)}`,
        hint: failure.code === 'ENOENT' ? NEW_KEY_HINT : HINT,
      });
    }
  }
  if (issues.length > 0) throw new OptionsError(issues);
  return keys;
}

const NEW_KEY_HINT = 'if you have no key yet, make one: ssh-keygen -t ed25519';
const HINT = 'give a public key file, such as ~/.ssh/id_ed25519.pub';
