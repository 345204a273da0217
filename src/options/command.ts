import { type ArgumentEntry, type CommandName, type PathKind, toCamel } from './option.ts';
import { listOptions } from './options.ts';

/** The command line that yargs parsed: options by their camel case names, and arguments by name. */
export type ParsedLine = Readonly<Record<string, unknown>>;

/** An example for --help. */
export interface Example {
  /** The whole command line, with `wwanpi`. */
  readonly line: string;
  readonly describe: string;
}

/** A command as data. Its options are the entries of the table (options.ts) that name it. */
export interface Command {
  readonly name: CommandName;
  /** A sentence in the imperative, without a full stop. */
  readonly describe: string;
  readonly args: readonly ArgumentEntry[];
  /** Options that the usage line shows, because the command needs them: `(--apn APN | --carrier CARRIER)`. */
  readonly usage?: string;
  /** The options of the short help, in its order; every option by default. --help-all shows all of them. */
  readonly basics?: readonly string[];
  readonly examples: readonly Example[];
  /** Text below the options; a tab separates two columns. */
  readonly epilogue?: string;
  /** More of it, for --help-all and the manual page. */
  readonly details?: string;
  /** The command reports unknown options itself, together with the other issues of its options. */
  readonly collectsIssues?: boolean;
  /** Runs the command. Prints results to standard output and progress to standard error, and throws errors. */
  readonly run: (line: ParsedLine) => Promise<void>;
}

/** Commands under one heading in `wwanpi --help` and the manual page. */
export interface CommandGroup {
  readonly title: string;
  /** Only in --help-all: a first image needs none of them. */
  readonly isRare?: boolean;
  readonly commands: readonly Command[];
}

/** The paths of a command, for running it in a container. */
export interface CommandPaths {
  readonly command: string;
  /** Arguments that are paths to read; they go before the options. */
  readonly args: readonly string[];
  /** Options that are paths, camel case. All others are passed on unchanged. */
  readonly options: Readonly<Record<string, PathKind>>;
}

/** The usage line of a command after `wwanpi`, without `[options]`: `boot IMAGE`, `carriers [SEARCH…]`. */
export function formatUsage({ name, args, usage }: Pick<Command, 'name' | 'args' | 'usage'>): string {
  const words = args.map((arg) => {
    const word = formatArgument(arg);
    return arg.required === true ? word : `[${word}]`;
  });
  return [name, ...words, ...(usage === undefined ? [] : [usage])].join(' ');
}

/** An argument as usage lines and messages write it: `IMAGE`, `SEARCH…`. */
export function formatArgument({ name, many }: Pick<ArgumentEntry, 'name' | 'many'>): string {
  return `${name.toUpperCase()}${many === true ? '…' : ''}`;
}

/** Lists the paths among a command's arguments and options. */
export function listPaths({ name, args }: Pick<Command, 'name' | 'args'>): CommandPaths {
  const options = listOptions(name).flatMap((option) =>
    option.path === undefined ? [] : [[toCamel(option.name), option.path] as const],
  );
  return {
    command: name,
    args: args.filter(({ path }) => path !== undefined).map((arg) => arg.name),
    options: Object.fromEntries(options),
  };
}
