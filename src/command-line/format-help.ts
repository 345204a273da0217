import wrapAnsi from 'wrap-ansi';
import { type Command, type CommandGroup, formatArgument, formatUsage } from '../options/command.ts';
import { describeDefault, describeOption, formatSpelling, joinWords } from '../options/describe-option.ts';
import type { ArgumentEntry, OptionEntry } from '../options/option.ts';
import { listCommonOptions, listShownOptions } from '../options/options.ts';

/** How much of the help, and how wide. */
export interface HelpSize {
  /** Width of the lines. Examples are never broken. */
  readonly columns: number;
  /** Every option and example; otherwise what fits a screen of 24 lines. */
  readonly all: boolean;
}

/** A term, and what it means. */
type Row = readonly [term: string, meaning: string];

/** A wider term has its meaning on the next line. */
const WIDEST_TERM = 26;
/** Examples in the short help. */
const FEW = 2;

/** `wwanpi --help`: the commands, and the options of every command last. */
export function formatMainHelp(groups: readonly CommandGroup[], size: HelpSize): string {
  const shown = groups.filter(({ isRare }) => size.all || isRare !== true);
  const width = Math.max(...shown.flatMap(({ commands }) => commands.map(({ name }) => name.length)));
  const lists = shown.map(({ title, commands }) =>
    formatList(
      title,
      commands.map(({ name, describe }) => [name.padEnd(width), describe]),
      size,
    ),
  );
  return joinBlocks([
    [
      ...wrap('Makes a Raspberry Pi image that is online over USB LTE at first boot.', size.columns),
      'Usage: wwanpi COMMAND [options]',
    ],
    ...(size.all ? lists : [lists.flat()]),
    size.all ? formatOptions('Common options', listCommonOptions(), size) : [],
    [
      'Without a command, on a terminal, wwanpi asks for all that an image needs.',
      ...(size.all
        ? ['wwanpi help COMMAND shows the options and examples of a command.']
        : ['wwanpi help COMMAND explains a command; wwanpi --help-all lists all of them.']),
    ],
  ]);
}

/** `wwanpi COMMAND --help`. */
export function formatCommandHelp(command: Command, size: HelpSize): string {
  const { name, args, describe, examples, epilogue = '', details = '' } = command;
  return joinBlocks([
    [`Usage: wwanpi ${formatUsage(command)} [options]`, ...wrap(`${describe}.`, size.columns)],
    formatList(
      'Arguments',
      args.map((arg) => [formatArgument(arg), describeArgument(arg)]),
      size,
    ),
    ...(size.all
      ? formatGroups(listShownOptions(name), size)
      : [formatOptions('Options', findBasics(command), size)]),
    formatExamples(examples, size.all),
    [...formatText(epilogue, size), ...(size.all ? [] : [describeRest(name, details)])],
    size.all ? formatText(details, size) : [],
  ]);
}

/** The options of the short help. */
function findBasics({ name, basics }: Command): OptionEntry[] {
  const options = listShownOptions(name);
  if (basics === undefined) return options;
  return basics.flatMap((basic) => options.filter((option) => option.name === basic));
}

/** @param details begins with a title: "Scenarios:" */
function describeRest(name: string, details: string): string {
  const title = details.slice(0, details.indexOf(':')).toLowerCase();
  return `wwanpi ${name} --help-all shows every option${title === '' ? '' : ` and the ${title}`}.`;
}

function describeArgument({ help, choices }: ArgumentEntry): string {
  return choices === undefined ? help : `${help} (${joinWords(choices)})`;
}

/** The command's own options by their headings, and the common ones last. */
function formatGroups(options: readonly OptionEntry[], size: HelpSize): (readonly string[])[] {
  const titled = [...options, ...listCommonOptions()].map((option) => ({
    option,
    title: option.group ?? 'Options',
  }));
  return [...new Set(titled.map(({ title }) => title))].map((title) =>
    formatOptions(
      title,
      titled.filter((each) => each.title === title).map(({ option }) => option),
      size,
    ),
  );
}

function formatOptions(title: string, options: readonly OptionEntry[], size: HelpSize): readonly string[] {
  const hasDefaults = options.some((option) => describeDefault(option) !== undefined);
  return formatList(
    hasDefaults ? `${title}, with [defaults]` : title,
    options.map((option) => {
      const value = describeDefault(option);
      return [formatSpelling(option), `${describeOption(option)}${value === undefined ? '' : ` [${value}]`}`];
    }),
    size,
  );
}

/** Each on a line of its own, unbroken, so that it can be copied. */
function formatExamples(examples: Command['examples'], all: boolean): readonly string[] {
  const lines = all
    ? examples.flatMap(({ line, describe }) => [`  # ${describe}`, `  ${line}`])
    : examples.slice(0, FEW).map(({ line }) => `  ${line}`);
  return ['Examples:', ...lines];
}

/** Text, and rows of two columns separated by a tab. */
function formatText(text: string, size: HelpSize): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n').map((line) => line.split('\t'));
  const rows = lines.flatMap(([term = '', meaning]) =>
    meaning === undefined ? [] : [[term.trim(), meaning.trim()] as const],
  );
  const plain = lines.flatMap(([line = '', meaning]) => (meaning === undefined ? [line] : []));
  return [...plain.flatMap((line) => wrap(line, size.columns)), ...formatRows(rows, size)];
}

function formatList(title: string, rows: readonly Row[], size: HelpSize): readonly string[] {
  return rows.length === 0 ? [] : [`${title}:`, ...formatRows(rows, size)];
}

function formatRows(rows: readonly Row[], { columns }: HelpSize): readonly string[] {
  const width = Math.max(0, ...rows.map(([term]) => term.length).filter((length) => length <= WIDEST_TERM));
  const indent = ' '.repeat(width + 4);
  return rows.flatMap(([term, meaning]) => {
    const [first = '', ...others] = wrap(meaning, columns - indent.length);
    const beside =
      term.length > width ? [`  ${term}`, `${indent}${first}`] : [`  ${term.padEnd(width)}  ${first}`];
    return [...beside, ...others.map((line) => `${indent}${line}`)];
  });
}

/** Lines that begin with spaces are left as they are. */
function wrap(text: string, columns: number): string[] {
  return text.startsWith(' ') ? [text] : wrapAnsi(text, Math.max(20, columns)).split('\n');
}

function joinBlocks(blocks: ReadonlyArray<readonly string[]>): string {
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
