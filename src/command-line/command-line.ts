import yargs, { type Argv, type CommandModule, type Options } from 'yargs';
import { InputError } from '../core/errors.ts';
import { ABOUT, readVersion } from '../core/package.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { printable } from '../formats/printable.ts';
import { hideUrlPasswords } from '../formats/redact-credentials.ts';
import { findLineIssues } from '../options/check-line.ts';
import { type Command, formatUsage, type ParsedLine } from '../options/command.ts';
import { describeDefault, describeOption } from '../options/describe-option.ts';
import { type OptionEntry, toKebab } from '../options/option.ts';
import { listCommonOptions, listOptions } from '../options/options.ts';
import { COMMAND_GROUPS, listCommands } from './command-list.ts';

/**
 * Makes the yargs command line from the commands and the table of options.
 * @param columns width of the help's lines
 * @param run runs a command; by default its own `run`
 * @throws (when parsed) OptionsError or InputError on an unknown word or option, and whatever a command throws
 */
export function createCommandLine(
  args: readonly string[],
  columns: number,
  run: (command: Command, line: ParsedLine) => Promise<void> = (command, line) => command.run(line),
): Argv {
  const line = yargs([...args])
    .scriptName('wwanpi')
    .updateStrings({ 'Positionals:': 'Arguments:' })
    .usage(`$0 <command> [options]\n\n${ABOUT}`)
    .epilogue(
      `${formatCommandGroups()}\nRun wwanpi COMMAND --help for the options and examples of a command.`,
    )
    .version('version', findHelp('version'), readVersion())
    .help('help', findHelp('help'))
    .alias('h', 'help')
    .wrap(columns)
    .exitProcess(false)
    .check((parsed) => checkCommand(parsed), false)
    .fail((message, error) => {
      throw error ?? new InputError(hideUrlPasswords(message), { hint: hintAtHelp(args) });
    });
  addOptions(line, listCommonOptions());
  groupCommon(line);
  for (const command of listCommands()) line.command(toModule(command, args, run));
  return line;
}

/**
 * yargs lists all commands under one heading, so they are hidden there and listed below in groups. The common options
 * come after the command's own. For yargs all arguments are optional, because `findLineIssues` has better messages.
 */
function toModule(
  command: Command,
  args: readonly string[],
  run: (command: Command, line: ParsedLine) => Promise<void>,
): CommandModule {
  const optional = command.args.map((arg) => ({ ...arg, required: false }));
  return {
    command: formatUsage({ ...command, args: optional }),
    describe: false,
    builder: (line: Argv) => {
      line.usage(`$0 ${formatUsage(command)}\n\n${command.describe}`);
      for (const { name, help, choices } of command.args) {
        const describe = choices === undefined ? help : `${help}: ${choices.join(', ')}`;
        line.positional(name, { type: 'string', describe });
      }
      addOptions(line, listOptions(command.name));
      for (const example of command.examples) {
        line.example(example.line.replaceAll(/\bwwanpi /g, '$0 '), example.describe);
      }
      if (command.epilogue !== undefined) line.epilogue(command.epilogue);
      return groupCommon(line.check((parsed) => checkLine(command, parsed, args)));
    },
    handler: (line) => run(command, line),
  };
}

function groupCommon(line: Argv): Argv {
  return line.group(
    listCommonOptions().map(({ name }) => name),
    'Common options:',
  );
}

function addOptions(line: Argv, options: readonly OptionEntry[]): void {
  for (const option of options) {
    // yargs adds these two itself.
    if (option.hidden === true || option.name === 'help' || option.name === 'version') continue;
    line.option(option.name, toYargs(option));
    line.group(option.name, `${option.group ?? 'Options'}:`);
  }
}

function toYargs(option: OptionEntry): Options {
  const { type, alias, default: value, oneEach } = option;
  const shown = describeDefault(option);
  return {
    // A number stays text until it is checked, because yargs turns an invalid one into NaN.
    type: type === 'switch' ? 'boolean' : 'string',
    describe: describeOption(option),
    ...(type === 'list' ? { array: true } : {}),
    ...(oneEach === true ? { nargs: 1 } : {}),
    ...(alias === undefined ? {} : { alias }),
    ...(value === undefined ? {} : { default: value }),
    ...(shown === undefined ? {} : { defaultDescription: shown }),
  };
}

/** Checks a line without a command, or with an unknown one. */
function checkCommand(parsed: ParsedLine): true {
  const [word] = parsed._ as (string | number)[];
  const names: readonly string[] = listCommands().map(({ name }) => name);
  if (asksForHelp(parsed) || (word !== undefined && names.includes(String(word)))) return true;
  const common = listCommonOptions();
  const known = ['_', '$0', ...common.flatMap(({ name, alias = name }) => [name, alias])];
  const unknown = [...new Set(Object.keys(parsed).map(toKebab))].filter((name) => !known.includes(name));
  const issues: Issue[] = unknown.map((option) => ({
    option,
    message: 'is not an option of wwanpi',
    hint: suggestNearest(
      option,
      common.map(({ name }) => name),
      '--',
    ),
  }));
  if (word !== undefined) {
    const text = printable(String(word));
    issues.unshift({ message: `unknown command ${text}`, hint: suggestNearest(text, names) });
  } else if (issues.length === 0) {
    issues.push({ message: 'name a command' });
  }
  throw new OptionsError(issues, { hint: hintAtHelp([]) });
}

function checkLine(command: Command, parsed: ParsedLine, args: readonly string[]): true {
  // yargs also checks lines with --help.
  const issues = asksForHelp(parsed) ? [] : findLineIssues(command, parsed);
  if (issues.length > 0) throw new OptionsError(issues, { hint: hintAtHelp(args) });
  return true;
}

function asksForHelp({ help, version }: ParsedLine): boolean {
  return help === true || version === true;
}

function hintAtHelp(args: readonly string[]): string {
  const name = args.find((arg) => listCommands().some((command) => command.name === arg));
  return `wwanpi ${name === undefined ? '' : `${name} `}--help lists the commands and options`;
}

function findHelp(name: string): string {
  return listCommonOptions().find((option) => option.name === name)?.help ?? '';
}

/** Two columns: cliui puts the text after a tab into the second. */
function formatCommandGroups(): string {
  return COMMAND_GROUPS.map(({ title, commands }) => {
    const lines = commands.map((command) => `  ${formatUsage(command)}\t ${command.describe}`);
    return [`${title}:`, ...lines, ''].join('\n');
  }).join('\n');
}
