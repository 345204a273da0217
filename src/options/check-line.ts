import type { Issue } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { type Command, formatArgument, type ParsedLine } from './command.ts';
import { type ArgumentEntry, type OptionEntry, toCamel, toKebab } from './option.ts';
import { listCommonOptions, listOptions, suggestOption } from './options.ts';

/**
 * Finds the issues of a command line, all at once: unknown options, missing or superfluous arguments, options given
 * twice or in conflict, and values that are not among the choices. For a command that collects issues itself, only
 * those that it cannot see.
 */
export function findLineIssues(command: Command, line: ParsedLine): Issue[] {
  const repeated = findRepeated(command, line);
  const wrongCommon = listCommonOptions().flatMap((option) => findWrongChoices(option, line));
  if (command.collectsIssues === true) return [...repeated, ...wrongCommon];
  const options = listOptions(command.name);
  return [
    ...findUnknown(command, line),
    ...findArgumentIssues(command, line),
    ...repeated,
    ...options.flatMap((option) => findConflicts(option, line)),
    ...options.flatMap((option) => findWrongChoices(option, line)),
    ...wrongCommon,
  ];
}

/** Finds the issues of a line without a command. */
export function findCommonIssues(line: ParsedLine): Issue[] {
  const options = listCommonOptions();
  const names = options.map(({ name }) => name);
  const unknown = listUnknown(line, listNames(options)).map((option) => ({
    option,
    message: 'is not an option of wwanpi without a command',
    hint: suggestNearest(option, names, '--'),
  }));
  return [...unknown, ...options.flatMap((option) => findWrongChoices(option, line))];
}

/** Finds options that take one value and are given more than once. yargs makes an array of them, which no reader expects. */
function findRepeated(command: Command, line: ParsedLine): Issue[] {
  return [...listOptions(command.name), ...listCommonOptions()]
    .filter(({ name, type }) => type !== 'list' && Array.isArray(line[toCamel(name)]))
    .map(({ name }) => ({ option: name, message: 'is given more than once; it takes one value' }));
}

function findUnknown(command: Command, line: ParsedLine): Issue[] {
  const options = [...listOptions(command.name), ...listCommonOptions()];
  return listUnknown(line, [...listNames(options), ...command.args.map(({ name }) => name)]).map(
    (option) => ({
      option,
      message: `is not an option of wwanpi ${command.name}`,
      hint: suggestOption(command.name, option),
    }),
  );
}

function listNames(options: readonly OptionEntry[]): string[] {
  return options.flatMap(({ name, alias = name }) => [name, alias]);
}

/** yargs gives each option by its camel case name too. */
function listUnknown(line: ParsedLine, known: readonly string[]): string[] {
  const given = new Set(Object.keys(line).map(toKebab));
  return [...given].filter((name) => !['_', '$0', ...known].includes(name));
}

function findArgumentIssues(command: Command, line: ParsedLine): Issue[] {
  const missing = command.args.filter(({ name, required }) => required === true && line[name] === undefined);
  const extra = Array.isArray(line._) ? line._.slice(1).map(String) : [];
  return [
    ...missing.map((arg) => ({ message: `${formatArgument(arg)} is missing: ${lowerFirst(arg.help)}` })),
    ...extra.map((word) => ({ message: `unexpected argument ${quoteForMessage(word)}` })),
    ...command.args.flatMap((arg) => findWrongWord(arg, line)),
  ];
}

function findWrongWord(arg: ArgumentEntry, line: ParsedLine): Issue[] {
  const { name, choices } = arg;
  const value = line[name];
  if (choices === undefined || value === undefined || choices.includes(String(value))) return [];
  const message = `${formatArgument(arg)} ${quoteForMessage(String(value))} must be one of ${choices.join(', ')}`;
  return [{ message, hint: suggestNearest(String(value), choices) }];
}

function findConflicts({ name, conflicts = [] }: OptionEntry, line: ParsedLine): Issue[] {
  if (line[toCamel(name)] === undefined) return [];
  return conflicts
    .filter((other) => line[toCamel(other)] !== undefined)
    .map((other) => ({ option: name, message: `cannot be combined with {--${other}}` }));
}

function findWrongChoices({ name, type, choices }: OptionEntry, line: ParsedLine): Issue[] {
  const value = line[toCamel(name)];
  if (choices === undefined || type === 'number' || value === undefined || Array.isArray(value)) return [];
  if (choices.includes(String(value))) return [];
  const message = `must be one of ${choices.join(', ')}`;
  return [{ option: name, value: String(value), message, hint: suggestNearest(String(value), choices) }];
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
