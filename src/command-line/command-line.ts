import yargs, { type Argv, type CommandModule } from 'yargs';
import { InputError } from '../core/errors.ts';
import { ABOUT, readVersion } from '../core/package.ts';
import { hideUrlPasswords } from '../formats/redact-credentials.ts';
import { COMMAND_GROUPS, GLOBAL_OPTIONS } from './command-list.ts';
import { type OptionDefinition, readCommand } from './definitions.ts';

/**
 * The whole command line as yargs has it.
 * @param columns width of the help's lines
 * @throws (when parsed) InputError on an unknown word or option, and whatever a command throws
 */
export function createCommandLine(args: readonly string[], columns: number): Argv {
  const line = yargs([...args])
    .scriptName('wwanpi')
    .usage(`$0 <command> [options]\n\n${ABOUT}`)
    .epilogue(`${formatCommandGroups()}\nwwanpi COMMAND --help has the options and examples of each.`)
    .option('log', GLOBAL_OPTIONS.log)
    .version('version', String(GLOBAL_OPTIONS.version.describe), readVersion())
    .help('help', String(GLOBAL_OPTIONS.help.describe))
    .alias('h', 'help')
    .group(Object.keys(GLOBAL_OPTIONS), COMMON)
    .demandCommand(1, 'name a command')
    .strictCommands()
    .recommendCommands()
    .wrap(columns)
    .exitProcess(false)
    .fail((message, error) => {
      throw (
        error ??
        new InputError(hideUrlPasswords(message), { hint: `${helpFor(args)} lists the commands and options` })
      );
    });
  for (const { commands } of COMMAND_GROUPS) {
    for (const command of commands) line.command(hide(command));
  }
  return line;
}

const COMMON = 'Common options:';

/**
 * yargs lists all commands under one heading, so they are left out of its list and stand below, by groups. The common
 * options come after the command's own.
 */
function hide(command: CommandModule): CommandModule {
  const { usage, describe, options } = readCommand(command, '');
  return {
    ...command,
    describe: false,
    builder: (line: Argv) => {
      line.usage(`$0 ${usage}\n\n${describe}`);
      if (typeof command.builder === 'function') command.builder(line);
      for (const { name, group } of options) line.group(name, `${group}:`);
      line.check((argv) => demandSingleValues(argv, options));
      return line.group(Object.keys(GLOBAL_OPTIONS), COMMON);
    },
  };
}

/** yargs makes an array of an option that is given twice, which no reader of one value expects. */
function demandSingleValues(
  argv: Readonly<Record<string, unknown>>,
  options: readonly OptionDefinition[],
): true {
  const twice = options.filter(({ name, isArray }) => !isArray && Array.isArray(argv[name]));
  if (twice.length === 0) return true;
  throw new InputError(
    twice.map(({ name }) => `--${name} is given more than once; it takes one value`).join('\n'),
  );
}

function helpFor(args: readonly string[]): string {
  const names = COMMAND_GROUPS.flatMap(({ commands }) => commands.map(({ command }) => String(command)));
  const name = args.find((arg) => names.some((each) => each.split(' ')[0] === arg));
  return name === undefined ? 'wwanpi --help' : `wwanpi ${name} --help`;
}

/** Two columns by cliui's rule: what stands after a tab. */
function formatCommandGroups(): string {
  return COMMAND_GROUPS.map(({ title, commands }) => {
    const lines = commands.map(({ command, describe }) => `  ${command}\t ${describe}`);
    return [`${title}:`, ...lines, ''].join('\n');
  }).join('\n');
}
