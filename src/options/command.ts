import { type ArgumentEntry, type CommandName, type PathKind, toCamel } from './option.ts';
import { listOptions } from './options.ts';

/** What yargs parsed: options by their camel case names, arguments by theirs. */
export type ParsedLine = Readonly<Record<string, unknown>>;

/** A command line worth showing, and what it does. */
export interface Example {
  /** With `wwanpi` in it. */
  readonly line: string;
  readonly describe: string;
}

/** A command as data. Its options are those of the table (options.ts) that name it. */
export interface Command {
  readonly name: CommandName;
  /** A sentence in the imperative, without a stop. */
  readonly describe: string;
  readonly args: readonly ArgumentEntry[];
  readonly examples: readonly Example[];
  /** Printed below the options; a tab parts two columns. */
  readonly epilogue?: string;
  /** The command names unknown options itself, together with all other issues of its options. */
  readonly collectsIssues?: boolean;
  /** Does the work. Prints results to standard output, progress to standard error, and throws what fails. */
  readonly run: (line: ParsedLine) => Promise<void>;
}

/** Commands that stand together in `wwanpi --help` and the manual page. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** What the container planner must know of a command. */
export interface CommandPaths {
  readonly command: string;
  /** Arguments that are paths to read; they go before the options. */
  readonly args: readonly string[];
  /** Options that are paths, camel case; all others go on as they are. */
  readonly options: Readonly<Record<string, PathKind>>;
}

/** The usage line of a command after `wwanpi`, as yargs writes it: `boot <image>`, `carriers [search..]`. */
export function formatUsage({ name, args }: Pick<Command, 'name' | 'args'>): string {
  const words = args.map((arg) => {
    const dots = arg.many === true ? '..' : '';
    return arg.required === true ? `<${arg.name}${dots}>` : `[${arg.name}${dots}]`;
  });
  return [name, ...words].join(' ');
}

/** The paths among a command's arguments and options. */
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
