import type { CommandModule, Options } from 'yargs';
import { bootCommand } from '../commands/boot-command.ts';
import { buildCommand } from '../commands/build-command.ts';
import { carriersCommand } from '../commands/carriers-command.ts';
import { catalogueCommand } from '../commands/catalogue-command.ts';
import { diffCommand } from '../commands/diff-command.ts';
import { doctorCommand } from '../commands/doctor-command.ts';
import { fetchCommand } from '../commands/fetch-command.ts';
import { flashCommand } from '../commands/flash-command.ts';
import { fleetCommand } from '../commands/fleet-command.ts';
import { inspectCommand } from '../commands/inspect-command.ts';
import { publishCommand } from '../commands/publish-command.ts';
import { schemaCommand } from '../commands/schema-command.ts';
import { completionCommand } from './completion-command.ts';
import { type CommandDefinition, type OptionDefinition, readCommand, readOption } from './definitions.ts';
import { createManCommand } from './man-command.ts';

/** Commands that stand together in `wwanpi --help` and the manual page. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandModule[];
}

/** Every command, as `wwanpi --help` shows them. A new one is a line here. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Make images', commands: [buildCommand, fleetCommand] },
  { title: 'Look at images and prove them', commands: [bootCommand, inspectCommand, diffCommand] },
  { title: 'Hand images out', commands: [flashCommand, catalogueCommand, publishCommand] },
  { title: 'Find out what to ask for', commands: [carriersCommand, schemaCommand] },
  {
    title: 'Set up this machine',
    commands: [
      doctorCommand,
      fetchCommand,
      completionCommand,
      createManCommand(listCommands, listGlobalOptions),
    ],
  },
];

/** The options every command takes. `--help` and `--version` are yargs's own, with these texts. */
export const GLOBAL_OPTIONS: Readonly<Record<'log' | 'help' | 'version', Options>> = {
  log: {
    type: 'string',
    choices: ['text', 'json'],
    default: 'text',
    describe: 'How progress and errors are told on standard error: for people, or a JSON object a line',
  },
  help: { type: 'boolean', alias: 'h', describe: 'Show the options and examples' },
  version: { type: 'boolean', describe: "Show wwanpi's version" },
};

/** Every command, in the order of `wwanpi --help`: what the manual page, completion and the tests are made from. */
export function listCommands(): CommandDefinition[] {
  return COMMAND_GROUPS.flatMap(({ title, commands }) =>
    commands.map((command) => readCommand(command, title)),
  );
}

/** The options every command takes. */
export function listGlobalOptions(): OptionDefinition[] {
  return Object.entries(GLOBAL_OPTIONS).map(([name, options]) => readOption(name, options));
}
