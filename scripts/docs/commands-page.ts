import { type DocCommand, type DocOption, listDocCommands, listDocGlobalOptions } from './list-commands.ts';
import { formatCode, formatTable, formatText, type GeneratedPage } from './markdown.ts';

/** docs/reference/commands.md: every command with its options and examples, as `--help` and the manual page have them. */
export function makeCommandsPage(): GeneratedPage {
  const commands = listDocCommands();
  const groups = [...new Set(commands.map(({ group }) => group))];
  const text = [
    '# Commands',
    '',
    'Every command and option. `wwanpi COMMAND --help` prints the usual ones, `wwanpi COMMAND --help-all` all of them, and',
    '`man wwanpi` has everything on one page.',
    '`wwanpi` alone, on a terminal, asks for everything that an image needs, makes it, and names the command that does the same.',
    'Default values are in square brackets or in the column "default".',
    '',
    ...groups.flatMap((group) => [
      `**${group}**: ${commands
        .filter((command) => command.group === group)
        .map(({ name }) => `[${name}](#wwanpi-${name})`)
        .join(' · ')}`,
      '',
    ]),
    '## Options of every command',
    '',
    formatOptions(listDocGlobalOptions()),
    ...commands.map(formatCommand),
    '## See also',
    '',
    '[Exit codes](exit-codes.md) · [Environment](environment.md) · [JSON output](json-output.md) · ' +
      '[Fleet file](fleet-file.md) · [Scenarios](scenarios.md)',
  ].join('\n');
  return { path: 'reference/commands.md', from: ['src/options and src/commands'], text };
}

function formatCommand(command: DocCommand): string {
  const { name, usage, meaning, positionals, optionGroups, examples } = command;
  return [
    `## wwanpi ${name}`,
    '',
    `${formatText(meaning)}.`,
    '',
    '```',
    `${usage} [options]`,
    '```',
    '',
    ...(positionals.length === 0
      ? []
      : [
          formatTable(
            ['argument', 'meaning'],
            positionals.map((each) => [formatCode(each.typed), describe(each)]),
          ),
        ]),
    ...optionGroups.flatMap(({ title, options }) => [
      ...(optionGroups.length === 1 ? [] : [`**${title}**`, '']),
      formatOptions(options),
    ]),
    ...(examples.length === 0 ? [] : ['Examples:', '', '```sh', ...examples.map(formatExample), '```', '']),
  ].join('\n');
}

function formatOptions(options: readonly DocOption[]): string {
  const hasDefaults = options.some(({ byDefault }) => byDefault !== '');
  return formatTable(
    ['option', ...(hasDefaults ? ['default'] : []), 'meaning'],
    options.map((option) => [
      formatCode(option.typed),
      ...(hasDefaults ? [formatDefault(option.byDefault)] : []),
      describe(option),
    ]),
  );
}

/** A value as code, and words as they are. */
function formatDefault(text: string): string {
  return text === '' || text.includes(' ') ? formatText(text) : formatCode(text);
}

function describe({ meaning, choices }: DocOption): string {
  const text = formatText(meaning);
  return choices.length === 0 ? text : `${text} (${choices.map(formatCode).join(', ')})`;
}

function formatExample({ command, meaning }: { command: string; meaning: string }): string {
  return meaning === '' ? command : `# ${meaning}\n${command}`;
}
