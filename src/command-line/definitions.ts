import type { Argv, CommandModule, Options } from 'yargs';
import { BugError } from '../core/errors.ts';

/** An option or a positional argument as its command defines it. */
export interface OptionDefinition {
  /** As typed, without dashes: `apn-user`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: 'boolean' | 'number' | 'string';
  /** More than one value may follow. */
  readonly isArray: boolean;
  readonly describe: string;
  /** The heading it stands under, without the colon. */
  readonly group: string;
  readonly default: unknown;
  readonly choices: readonly string[];
}

/** A command line worth showing, with what it does; `wwanpi` stands for `$0`. */
export interface ExampleDefinition {
  readonly command: string;
  readonly describe: string;
}

/** A command as its module defines it. */
export interface CommandDefinition {
  readonly name: string;
  /** With its arguments as yargs writes them: `boot <image>`. */
  readonly usage: string;
  readonly describe: string;
  /** The heading it stands under in `wwanpi --help`. */
  readonly group: string;
  readonly positionals: readonly OptionDefinition[];
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly ExampleDefinition[];
  /** What is said below the options. */
  readonly epilogue: string | undefined;
}

/** What says nothing about the options: checks, and how yargs is to behave. */
const SILENT_METHODS = new Set(['strict', 'strictOptions', 'conflicts', 'implies', 'check', 'usage']);

/**
 * Runs a command's builder on a stand-in for yargs that notes what it is told. yargs itself does not give its examples
 * and positionals back but as the text of `--help`.
 * @throws BugError when the builder calls something this does not know, rather than leave an option out
 */
export function readCommand(module: CommandModule, group: string): CommandDefinition {
  const usage = String(module.command);
  const positionals: OptionDefinition[] = [];
  const options: OptionDefinition[] = [];
  const examples: ExampleDefinition[] = [];
  let epilogue: string | undefined;
  const methods: Record<string, (...args: never[]) => void> = {
    positional: (name: string, given: Options) => void positionals.push(readOption(name, given)),
    option: (name: string, given: Options) => void options.push(readOption(name, given)),
    options: (given: Record<string, Options>) => {
      for (const [name, each] of Object.entries(given)) options.push(readOption(name, each));
    },
    example: (command: string, describe: string) =>
      void examples.push({ command: command.replaceAll('$0', 'wwanpi'), describe }),
    epilogue: (text: string) => {
      epilogue = text;
    },
  };
  const recorder: Argv = new Proxy({} as Argv, {
    get: (_target, property) => {
      const method = methods[String(property)];
      // An async builder's await asks for it.
      if (property === 'then') return undefined;
      if (method === undefined && !SILENT_METHODS.has(String(property)))
        throw new BugError(
          `the builder of ${usage} calls ${String(property)}, which definitions.ts does not know`,
        );
      return (...args: never[]) => {
        method?.(...args);
        return recorder;
      };
    },
  });
  if (typeof module.builder === 'function') module.builder(recorder);
  const name = usage.split(' ')[0] ?? '';
  return {
    ...{ name, usage, describe: String(module.describe), group },
    ...{ positionals, options, examples, epilogue },
  };
}

/** What one option of a command says of itself. */
export function readOption(name: string, given: Options): OptionDefinition {
  const { type, array, alias, describe, group, choices } = given;
  const isArray = array === true || type === 'array';
  return {
    ...{ name, isArray },
    aliases: [alias ?? []].flat(),
    kind: type === 'boolean' ? 'boolean' : type === 'number' ? 'number' : 'string',
    describe: describe ?? '',
    group: (group ?? 'Options:').replace(/:$/, ''),
    default: given.default,
    choices: (choices ?? []).map(String),
  };
}
