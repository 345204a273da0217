import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BugError } from './errors.ts';

/** The folder of wwanpi's package.json: the same from `src` under tsx, from `dist/src` and when installed. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** A description of wwanpi in one sentence. */
export const ABOUT =
  'Turns a stock Raspberry Pi OS image into one that is online over a USB LTE stick at first boot.';

/** wwanpi's own version, from package.json. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/**
 * A command of wwanpi for root, as a person in this folder can type it. In a checkout wwanpi is not on the PATH, and
 * sudo's PATH may have another wwanpi or no node.
 */
export function formatSudoCommand(
  words: readonly string[],
  folder: string = process.cwd(),
): readonly string[] {
  const program = folder === packageRoot ? [process.execPath, 'dist/src/cli.js'] : ['wwanpi'];
  return ['sudo', ...program, ...words];
}

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new BugError('no package.json above the program: the installation is incomplete');
  return findPackageRoot(parent);
}
