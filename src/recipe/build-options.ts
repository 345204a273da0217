import { basename, resolve } from 'node:path';
import { DEFAULT_BASE } from '../base/bases.ts';
import { checkBaseRef } from '../base/fetch-base.ts';
import { applyCarrier, type CarrierChoice } from '../carriers/apply-carrier.ts';
import type { CarrierData } from '../carriers/carrier.ts';
import type { Environment } from '../core/environment.ts';
import { collectIssues, type Issue } from '../formats/issues.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { toCamel } from '../options/option.ts';
import {
  listCommonOptions,
  listOptions,
  listRecorded,
  mapVariables,
  readFromEnvironment,
} from '../options/options.ts';
import type { BuildRequest, LibqmiBuilder, LibqmiChoice } from './build-request.ts';
import { checkBuilder, checkCacheFolder, checkLibqmiSource, checkOutputFolder } from './check-build.ts';
import { checkOwnFiles } from './check-own-files.ts';
import { parseCompression } from './compression.ts';
import { parseRecipe } from './parse-recipe.ts';
import { readSshKeys } from './read-ssh-keys.ts';

/** A build's request, and the options of the run. */
export interface BuildOptions {
  readonly request: BuildRequest;
  readonly warnings: readonly string[];
  /** The carrier that `--carrier` names. */
  readonly carrier: CarrierChoice | undefined;
  readonly cacheDir: string | undefined;
  readonly dryRun: boolean;
  /** The key for SHA256SUMS. */
  readonly sign: string | undefined;
}

/** Option → variable that may hold its value; camel case, only secrets. */
export const SECRET_VARIABLES = mapVariables({ secretOnly: true });

/**
 * Makes a request of the options that yargs parsed.
 * @param carriers needed with `--carrier`
 * @throws OptionsError with every issue of every option at once
 */
export async function parseBuildOptions(
  argv: Readonly<Record<string, unknown>>,
  env: Environment = process.env,
  carriers?: CarrierData,
): Promise<BuildOptions> {
  const issues: Issue[] = findExtraWords(argv);
  const asked = { ...readFromEnvironment(env), ...readOptions(argv) };
  const chosen = await collectIssues(issues, async () => applyCarrier(asked, carriers));
  // An unknown carrier counts as an APN, so that it is one issue, not two.
  const given = chosen?.options ?? { apn: 'unknown', ...asked };
  const { output, libqmiSource, builder = 'clang', compress, level, keepImage, sshKey: keyFiles } = given;
  const base = String(given.base ?? DEFAULT_BASE);
  const outputFolder = resolve(String(output));
  const found = [
    await checkBaseRef(base),
    output === '' ? EMPTY_OUTPUT : await checkOutputFolder(outputFolder),
    await checkCacheFolder(given.cacheDir),
    await checkLibqmiSource(libqmiSource),
    checkBuilder(builder),
  ];
  issues.push(...found.filter((issue) => issue !== undefined));
  const sshKey = await collectIssues(issues, () => readSshKeys((keyFiles as string[] | undefined) ?? []));
  const own = await checkOwnFiles(given, issues);
  const compression = parseCompression({ compress, level, keepImage }, issues);
  const keys = sshKey !== undefined && sshKey.length > 0 ? { sshKey } : {};
  const { recipe, warnings } = parseRecipe({ ...takeRecipe(given), ...keys }, issues);
  return {
    request: {
      recipe,
      base,
      libqmi: given.libqmi as LibqmiChoice | undefined,
      libqmiSource: libqmiSource as string | undefined,
      builder: builder as LibqmiBuilder,
      own,
      outputFolder,
      compression,
      inputs: chosen?.inputs ?? [],
      // A file is recorded by its name, not its path on this machine; the inputs have its hash.
      publicOptions: publish({ ...given, base: basename(base) }, recipe.sshKeys),
    },
    warnings: [...(chosen?.warnings ?? []), ...warnings],
    carrier: chosen?.carrier,
    cacheDir: given.cacheDir as string | undefined,
    dryRun: given.dryRun === true,
    sign: given.sign as string | undefined,
  };
}

const EMPTY_OUTPUT: Issue = { option: 'output', message: 'is empty', hint: 'name a folder' };

/** The recipe's options, and unknown ones, which parseRecipe reports. */
function takeRecipe(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const others = listOptions('build').filter(({ name, recipe }) => recipe !== true || name === 'ssh-key');
  const names = new Set(others.map(({ name }) => toCamel(name)));
  return Object.fromEntries(Object.entries(given).filter(([key]) => !names.has(key)));
}

/** Reports words that are neither options nor values. */
function findExtraWords(argv: Readonly<Record<string, unknown>>): Issue[] {
  const words = Array.isArray(argv._) ? argv._.slice(1).map(String) : [];
  return words.map((word) => ({ message: `unexpected argument ${quoteForMessage(word)}` }));
}

/** Drops the duplicates and extras of yargs: every option is there as `apn-user` and `apnUser`, and `_` and `$0` are added. */
function readOptions(argv: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const common = listCommonOptions().flatMap(({ name, alias = name }) => [name, toCamel(name), alias]);
  const own = ['_', '$0', ...common];
  const entries = Object.entries(argv).filter(
    ([key, value]) => value !== undefined && !own.includes(key) && !isKebabTwin(key, argv),
  );
  return Object.fromEntries(entries);
}

function isKebabTwin(key: string, argv: Readonly<Record<string, unknown>>): boolean {
  return key.includes('-') && toCamel(key) in argv;
}

/** The options for the manifest, sorted by name. */
function publish(
  given: Readonly<Record<string, unknown>>,
  sshKeys: readonly string[],
): Record<string, unknown> {
  const entries = listRecorded().flatMap(({ key, isSecret }) =>
    given[key] === undefined ? [] : [[key, isSecret ? '(secret)' : given[key]] as const],
  );
  return Object.fromEntries([...entries, ['sshKeys', sshKeys] as const].sort(([a], [b]) => (a < b ? -1 : 1)));
}
