import { listCommands, listGlobalOptions } from '../../src/command-line/command-list.ts';
import type { OptionDefinition } from '../../src/command-line/definitions.ts';
import { ENVIRONMENT } from '../../src/command-line/environment.ts';

/** An option or an argument as the reference page shows it. All texts are plain. */
export interface DocOption {
  /** As typed, the long form first, with what follows it: `--apn APN`. */
  readonly typed: string;
  readonly meaning: string;
  /** Allowed values; empty where anything goes. */
  readonly choices: readonly string[];
  /** Empty where there is none, or where `meaning` says it. */
  readonly byDefault: string;
}

/** A command as the reference page shows it. All texts are plain. */
export interface DocCommand {
  readonly name: string;
  /** What is typed, without options: `wwanpi boot <image>`. */
  readonly usage: string;
  readonly meaning: string;
  /** The heading it stands under in `wwanpi --help`. */
  readonly group: string;
  readonly positionals: readonly DocOption[];
  /** By the headings of `--help`, in its order. */
  readonly optionGroups: readonly { readonly title: string; readonly options: readonly DocOption[] }[];
  readonly examples: readonly { readonly command: string; readonly meaning: string }[];
}

/** Every command. The pages know the command line by the functions of this file alone. */
export function listDocCommands(): DocCommand[] {
  return listCommands().map(({ name, usage, describe, group, positionals, options, examples }) => ({
    name,
    usage: `wwanpi ${usage}`,
    meaning: describe,
    group,
    positionals: positionals.map((each) => ({ ...describeOption(each), typed: each.name.toUpperCase() })),
    optionGroups: [...new Set(options.map((option) => option.group))].map((title) => ({
      title,
      options: options.filter((option) => option.group === title).map(describeOption),
    })),
    examples: examples.map((example) => ({ command: example.command, meaning: example.describe })),
  }));
}

/** The options that every command takes. */
export function listDocGlobalOptions(): DocOption[] {
  return listGlobalOptions().map(describeOption);
}

/** Every variable of the environment that wwanpi reads; several names where they belong together. */
export function listDocVariables(): { readonly names: readonly string[]; readonly meaning: string }[] {
  return ENVIRONMENT.map(({ name, meaning }) => ({ names: name.split(', '), meaning }));
}

function describeOption(option: OptionDefinition): DocOption {
  const { name, aliases, kind, isArray, describe, choices, default: byDefault } = option;
  const names = [name, ...aliases].map((each) => (each.length === 1 ? `-${each}` : `--${each}`));
  const value = kind === 'boolean' ? '' : isArray ? ' VALUE…' : kind === 'number' ? ' NUMBER' : ' VALUE';
  return {
    typed: `${names.join(', ')}${value}`,
    meaning: describe,
    choices,
    byDefault: byDefault === undefined || byDefault === false ? '' : String(byDefault),
  };
}
