import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { checkBaseRef } from '../base/fetch-base.ts';
import { applyCarrier, type CarrierChoice } from '../carriers/apply-carrier.ts';
import type { CarrierData } from '../carriers/carriers.ts';
import { AppError, InputError } from '../core/errors.ts';
import { type BuildRequest, LIBQMI_BUILDERS, type LibqmiBuilder } from './build-request.ts';
import { parsePacking } from './packing.ts';
import { parseRecipe } from './parse-recipe.ts';
import { readSshKeys } from './read-ssh-keys.ts';

/** A build's request, and how the command is to go about it. */
export interface BuildOptions {
  readonly request: BuildRequest;
  readonly warnings: readonly string[];
  /** What `--carrier` stands for. */
  readonly carrier: CarrierChoice | undefined;
  readonly cacheDir: string | undefined;
  readonly dryRun: boolean;
  /** The key to sign SHA256SUMS with. */
  readonly sign: string | undefined;
}

/** Options that are secret: neither the manifest nor any message has their value. */
const SECRET_OPTIONS = ['pin', 'apnPassword', 'password', 'passwordHash', 'wifiPsk'];

/** Secrets may come from the environment, so that they need not stand in the process list: option → variable. */
export const SECRET_VARIABLES = {
  apnPassword: 'WWANPI_APN_PASSWORD',
  pin: 'WWANPI_PIN',
  password: 'WWANPI_PASSWORD',
  passwordHash: 'WWANPI_PASSWORD_HASH',
  wifiPsk: 'WWANPI_WIFI_PSK',
} as const;

const FROM_ENVIRONMENT = { ...SECRET_VARIABLES, epoch: 'SOURCE_DATE_EPOCH' } as const;

/** Where these differ, the same image is built: they stay out of the manifest. */
const NOT_OF_THE_IMAGE = [
  ...['output', 'cacheDir', 'dryRun', 'quiet', 'libqmiSource', 'sshKey'],
  ...['compress', 'level', 'keepImage', 'sign', 'in', 'containerImage'],
];

/**
 * Makes a request of what yargs parsed.
 * @param carriers needed where `--carrier` is given
 * @throws OptionsError naming every fault of every option at once
 */
export async function parseBuildOptions(
  argv: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
  carriers?: CarrierData,
): Promise<BuildOptions> {
  const faults: string[] = [];
  const asked = { ...fromEnvironment(env), ...readOptions(argv) };
  const chosen = await collect(faults, async () => applyCarrier(asked, carriers));
  // A carrier that was not found stands for the APN all the same: one fault, not two.
  const given = chosen?.options ?? { apn: 'unknown', ...asked };
  const {
    output,
    libqmiSource,
    builder = 'clang',
    cacheDir,
    dryRun,
    quiet: _quiet,
    in: _in,
    containerImage: _containerImage,
    carrier: _carrier,
    compress,
    level,
    keepImage,
    sign,
    sshKey: sshKeyFiles,
    ...recipeOptions
  } = given;
  const base = String(recipeOptions.base);
  const outputFolder = resolve(String(output));
  await collect(faults, async () => checkBaseRef(base));
  await collect(faults, async () =>
    output === '' ? '--output is empty; name a folder' : checkOutputFolder(outputFolder),
  );
  await collect(faults, async () => checkLibqmiSource(libqmiSource));
  await collect(faults, async () => checkBuilder(builder));
  const sshKey = await collect(faults, async () => readSshKeys((sshKeyFiles as string[] | undefined) ?? []));
  const packing = parsePacking({ compress, level, keepImage }, faults);
  const keys = Array.isArray(sshKey) && sshKey.length > 0 ? { sshKey } : {};
  const { recipe, warnings } = parseRecipe({ ...recipeOptions, ...keys }, faults);
  return {
    request: {
      recipe,
      base,
      libqmiSource: libqmiSource as string | undefined,
      builder: builder as LibqmiBuilder,
      outputFolder,
      packing,
      inputs: chosen?.inputs ?? [],
      // A file goes by its name, as among the inputs, which have its hash: not by where it lies on this machine.
      publicOptions: publish({ ...given, base: basename(base), sshKeys: recipe.sshKeys }),
    },
    warnings: [...(chosen?.warnings ?? []), ...warnings],
    carrier: chosen?.carrier,
    cacheDir: cacheDir as string | undefined,
    dryRun: dryRun === true,
    sign: sign as string | undefined,
  };
}

/** yargs gives every option twice, as `apn-user` and `apnUser`, and adds its own `_` and `$0`. */
function readOptions(argv: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = ['_', '$0', 'help', 'h', 'version', 'log', 'json'];
  const entries = Object.entries(argv).filter(
    ([key, value]) => value !== undefined && !own.includes(key) && !isKebabTwin(key, argv),
  );
  const positional = Array.isArray(argv._) ? argv._.slice(1).map((word) => [String(word), true]) : [];
  return Object.fromEntries([...entries, ...positional]);
}

function isKebabTwin(key: string, argv: Readonly<Record<string, unknown>>): boolean {
  return key.includes('-') && key.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) in argv;
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [option, variable] of Object.entries(FROM_ENVIRONMENT)) {
    const value = env[variable];
    if (value !== undefined && value !== '') set[option] = value;
  }
  return set;
}

/** Runs one check; what it says or throws becomes faults among the others. */
async function collect<T>(faults: string[], check: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await check();
    if (typeof result === 'string') faults.push(result);
    return result;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // A message may be several faults, or one that lists choices in further lines.
    faults.push(...error.message.split(/\n(?=--)/));
    return undefined;
  }
}

async function checkOutputFolder(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    return `--output ${folder} is a file; name a folder`;
  }
  const nearest = found === undefined ? await findParent(folder) : folder;
  return access(nearest, constants.W_OK | constants.X_OK).then(
    () => undefined,
    () => `--output ${folder} can't be written: no permission in ${nearest}`,
  );
}

async function findParent(folder: string): Promise<string> {
  const parent = dirname(folder);
  const found = await stat(parent).catch(() => undefined);
  if (found?.isDirectory() || parent === folder) return parent;
  if (found !== undefined) throw new InputError(`--output ${folder} can't be made: ${parent} is a file`);
  return findParent(parent);
}

async function checkLibqmiSource(path: unknown): Promise<string | undefined> {
  if (typeof path !== 'string') return undefined;
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? `--libqmi-source ${path} does not exist` : undefined;
}

function checkBuilder(builder: unknown): string | undefined {
  if (!LIBQMI_BUILDERS.some((name) => name === builder)) {
    return `--builder must be one of ${LIBQMI_BUILDERS.join(', ')}`;
  }
  return undefined;
}

function publish(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(given)
    .filter(([key]) => !NOT_OF_THE_IMAGE.includes(key))
    .map(([key, value]) => [key, SECRET_OPTIONS.includes(key) ? '(secret)' : value] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
