import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { validatePublicKey } from '../formats/config/ssh-key.ts';
import { printable } from '../formats/printable.ts';

/** A public key file of the user. */
export interface FoundKey {
  /** Absolute. */
  readonly path: string;
  /** The path as a person writes it: ~/.ssh/id_ed25519.pub. */
  readonly shown: string;
  /** The comment of its first key, often user@host; may be empty. */
  readonly comment: string;
}

/** No real key file is larger (a key of RSA with 16384 bits has 3 kB). */
const MAX_BYTES = 65_536;

/**
 * Finds the public key files in ~/.ssh whose every line is a key that --ssh-key accepts; those that ssh-keygen makes by
 * default (`id_…`) come first.
 */
export async function findSshKeys(home: string = homedir()): Promise<FoundKey[]> {
  const folder = join(home, '.ssh');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.pub')).sort();
  const isUsual = (name: string) => name.startsWith('id_');
  const ordered = [...names.filter(isUsual), ...names.filter((name) => !isUsual(name))];
  const found = await Promise.all(ordered.map((name) => readKey(folder, name)));
  return found.filter((key) => key !== undefined);
}

async function readKey(folder: string, name: string): Promise<FoundKey | undefined> {
  const path = join(folder, name);
  const file = await stat(path).catch(() => undefined);
  if (file?.isFile() !== true || file.size > MAX_BYTES) return undefined;
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0 || lines.some((line) => validatePublicKey(line) !== undefined)) return undefined;
  const comment = printable(lines[0]?.split(/\s+/).slice(2).join(' ') ?? '');
  return { path, shown: printable(`~/.ssh/${name}`), comment };
}
