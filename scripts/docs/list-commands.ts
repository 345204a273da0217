import { COMMAND_GROUPS } from '../../src/command-line/command-list.ts';
import { formatUsage } from '../../src/options/command.ts';
import { describeDefault, describeHelp, formatSpelling } from '../../src/options/describe-option.ts';
import { ENVIRONMENT } from '../../src/options/environment.ts';
import type { ArgumentEntry, OptionEntry } from '../../src/options/option.ts';
import { listCommonOptions, listOptions } from '../../src/options/options.ts';

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
  return COMMAND_GROUPS.flatMap(({ title, commands }) =>
    commands.map((command) => ({
      name: command.name,
      usage: `wwanpi ${formatUsage(command)}`,
      meaning: command.describe,
      group: title,
      positionals: command.args.map(describeArgument),
      optionGroups: groupOptions(listOptions(command.name).filter(({ hidden }) => hidden !== true)),
      examples: command.examples.map(({ line, describe }) => ({ command: line, meaning: describe })),
    })),
  );
}

/** The options that every command takes. */
export function listDocGlobalOptions(): DocOption[] {
  return listCommonOptions().map(describeOption);
}

/** Every variable of the environment that wwanpi reads; several names where they belong together. */
export function listDocVariables(): { readonly names: readonly string[]; readonly meaning: string }[] {
  return ENVIRONMENT.map(({ names, meaning }) => ({ names, meaning }));
}

function groupOptions(options: readonly OptionEntry[]): DocCommand['optionGroups'] {
  const titles = [...new Set(options.map(({ group }) => group))];
  return titles.map((title) => ({
    title: title ?? 'Options',
    options: options.filter(({ group }) => group === title).map(describeOption),
  }));
}

function describeOption(option: OptionEntry): DocOption {
  return {
    typed: formatSpelling(option),
    meaning: describeHelp(option),
    choices: option.choices ?? [],
    byDefault: describeDefault(option) ?? '',
  };
}

function describeArgument({ name, help, choices = [] }: ArgumentEntry): DocOption {
  return { typed: name.toUpperCase(), meaning: help, choices, byDefault: '' };
}
