import { readProgram } from '../core/package.ts';
import { OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { printable } from '../formats/printable.ts';
import type { Command, CommandGroup } from '../options/command.ts';
import { spellCommands } from '../options/spell-commands.ts';
import { formatCommandHelp, formatMainHelp } from './format-help.ts';

/** Lines of the help are not wider, however wide the terminal is. */
const WIDEST = 100;

/**
 * `wwanpi help [COMMAND]`: the same as `wwanpi COMMAND --help`.
 * @param listGroups a function, because the groups contain this command
 */
export function createHelpCommand(listGroups: () => readonly CommandGroup[]): Command {
  return {
    name: 'help',
    describe: 'Show what a command does, with its options and examples',
    args: [{ name: 'command', names: 'command', help: 'Name of a command [the list of commands]' }],
    examples: [
      { line: 'wwanpi help build', describe: 'the usual options' },
      { line: 'wwanpi help boot --help-all', describe: 'every option, and the scenarios' },
    ],
    run: async ({ command, helpAll }) => {
      const text = formatHelp(listGroups(), command as string | undefined, helpAll === true);
      process.stdout.write(text);
    },
  };
}

/**
 * The help of a command, or the list of commands, as wide as the terminal.
 * @throws OptionsError when there is no such command
 */
export function formatHelp(groups: readonly CommandGroup[], name: string | undefined, all: boolean): string {
  const size = { columns: Math.min(WIDEST, process.stdout.columns ?? WIDEST), all };
  if (name === undefined) return spellHelp(formatMainHelp(groups, size));
  const commands = groups.flatMap((group) => group.commands);
  const command = commands.find((each) => each.name === name);
  if (command === undefined) throw unknownCommand(name, commands);
  return spellHelp(formatCommandHelp(command, size));
}

/** Names the program as it was called, unless the lines become too long. */
function spellHelp(text: string): string {
  return readProgram() === './wwanpi' ? spellCommands(text) : text;
}

/** The error about a command that does not exist. */
export function unknownCommand(name: string, commands: readonly Command[]): OptionsError {
  const word = printable(name);
  const hint = suggestNearest(
    word,
    commands.map((each) => each.name),
  );
  return new OptionsError([{ message: `there is no command ${word}`, hint }], {
    hint: 'wwanpi --help lists the commands',
  });
}
