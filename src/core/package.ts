import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, readVariable } from './environment.ts';
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
 * The name of wwanpi as a person types it here: the path by which ./wwanpi of a checkout was called, or the installed
 * `wwanpi`.
 */
export function readProgram(environment: Environment = process.env): string {
  const calledAs = readVariable('WWANPI_CALLED_AS', environment) ?? 'wwanpi';
  return calledAs === 'make' ? './wwanpi' : calledAs;
}

/** Whether this run is a recipe of the Makefile, whose variables then stand for some options. */
export function isCalledByMake(environment: Environment = process.env): boolean {
  return readVariable('WWANPI_CALLED_AS', environment) === 'make';
}

/** A command of wwanpi for root, as a person can type it. */
export function formatSudoCommand(
  words: readonly string[],
  environment: Environment = process.env,
): readonly string[] {
  return ['sudo', readProgram(environment), ...words];
}

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new BugError('no package.json above the program: the installation is incomplete');
  return findPackageRoot(parent);
}
