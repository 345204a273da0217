import yargs, { type Argv, type CommandModule, type Options } from 'yargs';
import { InputError } from '../core/errors.ts';
import { readVersion } from '../core/package.ts';
import { OptionsError } from '../formats/issues.ts';
import { hideUrlPasswords } from '../formats/redact-credentials.ts';
import { findCommonIssues, findLineIssues } from '../options/check-line.ts';
import type { Command, ParsedLine } from '../options/command.ts';
import { hintAtOptions } from '../options/hint-at-options.ts';
import type { ArgumentEntry, OptionEntry } from '../options/option.ts';
import { listCommonOptions, listOptions } from '../options/options.ts';
import { COMMAND_GROUPS, listCommands } from './command-list.ts';
import { formatHelp, unknownCommand } from './help-command.ts';

/**
 * Makes the yargs command line from the commands and the table of options. yargs only parses: help, checks and messages
 * are wwanpi's own.
 * @param run runs a command; by default its own `run`
 * @throws (when parsed) OptionsError or InputError on an unknown word or option, and whatever a command throws
 */
export function createCommandLine(
  args: readonly string[],
  run: (command: Command, line: ParsedLine) => Promise<void> = (command, line) => command.run(line),
): Argv {
  const line = yargs([...args])
    .scriptName('wwanpi')
    // Messages are in English, whatever LANG says.
    .detectLocale(false)
    .updateStrings({ 'Not enough arguments following: %s': '--%s needs a value' })
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail((message: string | null, error) => {
      // yargs has a message for mistakes in the line; an error alone is one of a command.
      throw message === null ? error : new InputError(hideUrlPasswords(message));
    });
  addOptions(line, listCommonOptions());
  line.command('$0', false, {}, runAlone);
  for (const command of listCommands()) line.command(toModule(command, run));
  return line;
}

function toModule(
  command: Command,
  run: (command: Command, line: ParsedLine) => Promise<void>,
): CommandModule {
  return {
    command: [command.name, ...command.args.map(toPositional)].join(' '),
    describe: false,
    builder: (line: Argv) => {
      for (const { name } of command.args) line.positional(name, { type: 'string' });
      return addOptions(line, listOptions(command.name));
    },
    handler: async (line) => {
      if (printAsked(line, command)) return;
      const issues = findLineIssues(command, line);
      if (issues.length > 0)
        throw new OptionsError(issues, hintAtOptions(command.name, issues, command.examples[0]?.line));
      await run(command, line);
    },
  };
}

/** For yargs every argument is optional, because `findLineIssues` has better messages. */
function toPositional({ name, many }: ArgumentEntry): string {
  return `[${name}${many === true ? '..' : ''}]`;
}

function addOptions(line: Argv, options: readonly OptionEntry[]): Argv {
  for (const option of options) line.option(option.name, toYargs(option));
  return line;
}

function toYargs({ type, alias, default: value, oneEach }: OptionEntry): Options {
  return {
    // A number stays text until it is checked, because yargs turns an invalid one into NaN.
    type: type === 'switch' ? 'boolean' : 'string',
    ...(type === 'list' ? { array: true } : {}),
    ...(oneEach === true ? { nargs: 1 } : {}),
    ...(alias === undefined ? {} : { alias }),
    ...(value === undefined ? {} : { default: value }),
  };
}

/** Runs a line without a command, or with an unknown one. */
function runAlone(line: ParsedLine): void {
  if (printAsked(line)) return;
  const [word] = line._ as (string | number)[];
  if (word !== undefined) throw unknownCommand(String(word), listCommands());
  const issues = findCommonIssues(line);
  if (issues.length > 0) throw new OptionsError(issues, { hint: 'wwanpi --help lists the commands' });
  if (line.log !== 'json') process.stderr.write(formatHelp(COMMAND_GROUPS, undefined, false));
  throw new InputError('name a command', { hint: 'wwanpi --help lists the commands' });
}

/** Prints help or version, if the line asks for it; mistakes beside it do not matter then. */
function printAsked({ help, helpAll, version }: ParsedLine, command?: Command): boolean {
  if (help === true || helpAll === true) {
    // `wwanpi help boot --help-all` asks for the help of boot.
    if (command?.name === 'help') return false;
    process.stdout.write(formatHelp(COMMAND_GROUPS, command?.name, helpAll === true));
  } else if (version === true) process.stdout.write(`${readVersion()}\n`);
  else return false;
  return true;
}
