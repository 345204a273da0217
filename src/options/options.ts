import type { Environment } from '../core/environment.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { ACCESS_OPTIONS } from './access-options.ts';
import { BASE_OPTIONS } from './base-options.ts';
import { COMMON_OPTIONS } from './common-options.ts';
import { DISPLAY_OPTIONS } from './display-options.ts';
import { DISTRIBUTE_OPTIONS } from './distribute-options.ts';
import { IMAGE_OPTIONS } from './image-options.ts';
import { LOCALISATION_OPTIONS } from './localisation-options.ts';
import { type CamelCase, type CommandName, type OptionEntry, toCamel, type ValueOf } from './option.ts';
import { OWN_OPTIONS } from './own-options.ts';
import { RUN_OPTIONS } from './run-options.ts';
import { SET_OPTIONS } from './set-options.ts';
import { TEST_OPTIONS } from './test-options.ts';

const TABLE = [
  ...IMAGE_OPTIONS,
  ...BASE_OPTIONS,
  ...DISPLAY_OPTIONS,
  ...ACCESS_OPTIONS,
  ...LOCALISATION_OPTIONS,
  ...OWN_OPTIONS,
  ...RUN_OPTIONS,
  ...TEST_OPTIONS,
  ...SET_OPTIONS,
  ...DISTRIBUTE_OPTIONS,
  ...COMMON_OPTIONS,
];

/**
 * Every option of every command, in the order of --help. Command line, completion, manual page, schemas, the mounts of
 * containers and the Action's inputs are made from it or checked against it. A new option is one entry and its use.
 */
export const OPTIONS: readonly OptionEntry[] = TABLE;

type Entry = (typeof TABLE)[number];

/** The values of the recipe's options by their camel case names, after the type check. */
export type RecipeOptions = {
  readonly [E in Extract<Entry, { readonly recipe: true }> as CamelCase<E['name']>]?: ValueOf<E> | undefined;
};

/** The entries that a fleet file may set. */
export type FleetEntryOption = Extract<Entry, { readonly fleet: object }>;

/** The options of one command, without the common ones. */
export function listOptions(command: CommandName): OptionEntry[] {
  return OPTIONS.filter(({ commands }) => commands !== 'all' && commands.includes(command));
}

/** The same without those that no help shows. */
export function listShownOptions(command: CommandName): OptionEntry[] {
  return listOptions(command).filter(({ hidden }) => hidden !== true);
}

/** The options that every command has. */
export function listCommonOptions(): OptionEntry[] {
  return OPTIONS.filter(({ commands }) => commands === 'all');
}

/** An option of a command by its name. */
export function findOption(command: CommandName, name: string): OptionEntry | undefined {
  return [...listOptions(command), ...listCommonOptions()].find((option) => option.name === name);
}

/** The options that a fleet file may set. */
export function listFleetOptions(): OptionEntry[] {
  return OPTIONS.filter(({ fleet }) => fleet !== undefined);
}

/** The values that an option of `build` may have. */
export function getChoices<Name extends Extract<Entry, { readonly choices: readonly string[] }>['name']>(
  name: Name,
): Extract<Entry, { readonly name: Name; readonly choices: readonly string[] }>['choices'] {
  return OPTIONS.find((option) => option.name === name && option.choices !== undefined)?.choices as never;
}

/** Option → environment variable that may hold its value; camel case. Only secrets, or every option that has one. */
export function mapVariables(options: { readonly secretOnly: boolean }): Readonly<Record<string, string>> {
  const entries = OPTIONS.flatMap(({ name, variable, secret }) =>
    variable !== undefined && (secret === true || !options.secretOnly)
      ? [[toCamel(name), variable] as const]
      : [],
  );
  return Object.fromEntries(entries);
}

/** The values that the environment has for options, camel case; an empty one counts as none. */
export function readFromEnvironment(env: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [option, variable] of Object.entries(mapVariables({ secretOnly: false }))) {
    const value = env[variable];
    if (value !== undefined && value !== '') set[option] = value;
  }
  return set;
}

/** The options of `build` that an image's manifest records, camel case; it does not record the values of secrets. */
export function listRecorded(): { readonly key: string; readonly isSecret: boolean }[] {
  return listOptions('build')
    .filter(({ recorded }) => recorded === true)
    .map(({ name, secret }) => ({ key: toCamel(name), isSecret: secret === true }));
}

/** `did you mean --NAME?` for an option that a command does not have, or undefined. */
export function suggestOption(command: CommandName, name: string): string | undefined {
  const shown = [...listOptions(command), ...listCommonOptions()].filter(({ hidden }) => hidden !== true);
  return suggestNearest(
    name,
    shown.map((option) => option.name),
    '--',
  );
}
